"""What is wrong with a worker, demand by demand: of what kind of message, in which attack, by which faults."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from policies.edge.bridge import UnloadableError
from policies.worker.calls import leaks
from policies.worker.fates import FATES, PLAIN, Family
from policies.worker.faults import Fault
from policies.worker.messages import Batch, Message
from policies.worker.outcome import LOST, Outcome, Tried
from policies.worker.probing import Probes
from policies.worker.running import Running
from policies.worker.search import Failure, Search

_BLAMED = {
    Fault.UNREPORTED: "WORKER-03a",
    Fault.OVER: "WORKER-03d",
    Fault.FORM: "WORKER-03f",
    Fault.AGAIN: "WORKER-02c",
}


@dataclass(frozen=True)
class Verdicts:
    """The questions that requirements ask; each answer is the smallest batch that shows what is wrong, or None."""

    running: Running

    @property
    def probes(self) -> Probes:
        """What is known of each kind of message alone."""
        return self.running.probes

    def of_actions(self, *faults: Fault) -> Failure | None:
        """Faults of plain messages, each alone; how it ends is asked of the actions that reach their endpoint."""
        reaching = self.probes.actions
        for action in self.running.contract.actions:
            if action.name not in reaching and not {Fault.OVER, Fault.FORM}.isdisjoint(faults):
                continue
            found = self._confirmed(Batch((Message(PLAIN, action.name),)), faults)
            if found is not None:
                return found
        return None

    def of_family(self, families: Collection[Family], *faults: Fault) -> Failure | None:
        """Faults of kinds of messages, each beside one that is done; those that all kinds have alike are told elsewhere."""
        wanted = set(faults) - self.probes.general
        for fate, (batch, wrong) in self.probes.of.items():
            if fate.family in families and any(one.fault in wanted for one in wrong):
                found = self._confirmed(batch, wanted)
                if found is not None:
                    return found
        return None

    def why_silent(self, families: Collection[Family], *, waiting: bool = False) -> str:
        """Why nothing can be said of kinds of messages: what is wrong with all alike, or with the process; empty where something can."""
        for fault in (Fault.UNREPORTED, Fault.FORM):
            if fault in self.probes.general:
                return f"no kind of failure ends otherwise ({_BLAMED[fault]})"
        tried = [(fate, wrong) for fate, (_, wrong) in self.probes.of.items() if fate.family in families]
        lost = [fate for fate, wrong in tried if any(one.fault is Fault.ENDLESS for one in wrong)]
        if lost and not waiting:
            return "such a message is the end of it (WORKER-03r)"
        return "" if tried else "no such message was tried"

    def why_not_generally(self) -> str:
        """Why nothing can be said of how messages of a batch hang together; empty where something can."""
        if Fault.FORM in self.probes.general:
            return "Lambda cannot read what it answers (WORKER-03f)"
        failing = self.probes.solid(set(FATES) - {Family.DONE})
        return "" if failing else "no kind of failure ends as it must"

    def everywhere(self, fault: Fault) -> Failure | None:
        """A fault that every kind of failure shows."""
        if fault not in self.probes.general:
            return None
        found = [(batch, wrong) for batch, wrong in self.probes.of.values() if any(one.fault is fault for one in wrong)]
        for batch, _ in sorted(found, key=lambda item: len(item[0].messages)):
            confirmed = self._confirmed(batch, (fault,))
            if confirmed is not None:
                return confirmed
        return None

    def search(self, attack: str, *faults: Fault) -> Failure | None:
        """Faults among generated batches."""
        from policies.worker import attacks

        key = (attack, faults)
        if key not in self.running.found:
            self.running.found[key] = Search(self.running, getattr(attacks, attack), faults).run()
        return self.running.found[key]

    def _confirmed(self, batch: Batch, faults: Iterable[Fault]) -> Failure | None:
        wrong = next((one for one in self.running.wrong(batch) if one.fault in set(faults)), None)
        if wrong is None:
            return None
        confirmed = self.running.confirmed(batch, wrong)
        return Failure(*confirmed) if confirmed is not None else None

    @property
    def ends_the_process(self) -> Failure | None:
        """A message that is the end of the process, but for those that an endless wait is no wonder for."""
        if self.probes.actions and not self.probes.lost:
            found = self.search("GROUPS", Fault.ENDLESS)
            if found is not None:
                return found
        for batch in self.probes.seen:
            tried = self.running.memory[batch]
            lost = any(outcome.kind in LOST for outcome in tried.outcomes)
            if lost and not any(message.fate.waits for message in batch.messages):
                found = self._confirmed(batch, (Fault.ENDLESS,))
                if found is not None:
                    return found
        return None

    @property
    def told(self) -> tuple[Tried, str] | None:
        """Where the credential stands beside its header: the smallest batch, and the place."""
        for tried in self._seen():
            for outcome in tried.outcomes:
                place = next(leaks(self.running.contract, outcome), None)
                if place is not None:
                    return tried, place
        return None

    @property
    def doors(self) -> tuple[Tried, str] | None:
        """What else than the service it tried to reach."""
        for tried in self._seen():
            for outcome in tried.outcomes:
                if outcome.doors:
                    return tried, ", ".join(outcome.doors)
        return None

    def _seen(self) -> list[Tried]:
        return [self.running.memory[batch] for batch in self.probes.seen]

    def without_credential(self) -> tuple[Outcome, str] | None:
        """What a worker without any credential sends or does with a message; None where it sends nothing and keeps it."""
        bridge = self.running.another(self.running.longer, with_credential=False)
        try:
            tried = bridge.work(self.running.contract, Batch((Message(PLAIN, self.probes.actions[0]),)))
        except UnloadableError:
            return None  # A function that does not start does nothing.
        finally:
            bridge.close()
        outcome = tried.first
        if outcome.arrivals:
            return outcome, f"{outcome.arrivals[0].method} {outcome.arrivals[0].target} arrived"
        if not outcome.reported and Fault.UNREPORTED not in self.probes.general:
            return outcome, "the message is not reported, and so deleted unsent"
        return None

    def minds_the_time(self) -> bool:
        """Whether it begins no call for which the invocation has no time left, and reports what it did not begin."""
        action = self.probes.actions[0]
        batch = Batch(tuple(Message(PLAIN, action, group) for group in (0, 0, 1)), left=10)
        outcome = self.running.work(batch).first
        return not outcome.arrivals and outcome.reported == frozenset(range(3))
