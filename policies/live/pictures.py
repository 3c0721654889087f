"""What was seen of a network beside what the policies predict, as one picture: the two matrices, each connection that was tried in both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.etree.ElementTree import Element, fromstring, register_namespace, tostring

from policies.model.network.engine import Network
from policies.model.network.intervals import NOTHING, Intervals
from policies.model.network.matrix import Cell, Matrix, State
from policies.model.network.observation import OPEN, Observation
from policies.model.network.parties import NODE, Party
from policies.model.network.ports import ports
from policies.network.pictures import svg

_SVG = "http://www.w3.org/2000/svg"
_GAP = 24
_WORDS = {
    State.MEANT: "passes, as predicted",
    State.EXCESS: "passes, and is predicted not to",
    State.BLOCKED: "is predicted to pass, and does not",
    State.CLOSED: "does not pass, as predicted",
}


@dataclass(frozen=True)
class TriedMatrix(Matrix):
    """The cells of all that was tried, with what was predicted of it as what is meant; `seen` says which of the two is shown as passing."""

    observation: Observation
    seen: bool

    @property
    def name(self) -> str:
        """Place, and which of the two it is."""
        return f"{super().name}: {'seen on the cluster' if self.seen else 'predicted from the manifests'}"

    @cached_property
    def sources(self) -> tuple[Party, ...]:
        """Who called."""
        return tuple(_ordered(dict.fromkeys(one.source for one in self.observation.attempts)))

    @cached_property
    def targets(self) -> tuple[Party, ...]:
        """Who was called."""
        return tuple(_ordered(dict.fromkeys(one.target for one in self.observation.attempts)))

    @cached_property
    def cells(self) -> dict[tuple[Party, Party], Cell]:
        """A cell of each pair, the ports in it those that were tried and whose listener was alive."""
        network = Network(self.intended.universe, self.intended.site.policies)
        found: dict[tuple[Party, Party], tuple[Intervals, Intervals]] = {}
        for one in self.observation.attempts:
            opened, tried = found.get((one.source, one.target), (NOTHING, NOTHING))
            for port, outcome in one.outcomes.items():
                if port not in one.dead:
                    opened = opened | ports(*port) if outcome == OPEN else opened
                    tried = tried | ports(*port)
            found[one.source, one.target] = opened, tried
        cells = {}
        for (source, target), (opened, tried) in found.items():
            predicted = network.ports(source.endpoint, target.endpoint) & tried
            passing = opened if self.seen else predicted
            cells[source, target] = Cell(source, target, passing, predicted, predicted)
        return cells


def _ordered(parties: dict[Party, None]) -> Iterator[Party]:
    """Yield workloads by their names, then what is none."""
    yield from sorted((one for one in parties if one.pod is not None), key=lambda one: one.name)
    yield from sorted((one for one in parties if one.pod is None and one != NODE), key=lambda one: one.name)
    yield from (one for one in parties if one == NODE)


def observed_svg(observation: Observation) -> str:
    """Draw what was predicted on the left, and what was seen on the right."""
    register_namespace("", _SVG)
    left, right = (fromstring(svg(TriedMatrix(observation.intended, observation, seen))) for seen in (False, True))  # noqa: S314 (our own)
    words = {state.value: text for state, text in _WORDS.items()}
    for text in (one for side in (left, right) for one in side.iter(f"{{{_SVG}}}text")):
        text.text = words.get(text.text or "", text.text)
    across = [float(side.get("width", "0")) for side in (left, right)]
    height = max(float(side.get("height", "0")) for side in (left, right))
    right.set("x", f"{across[0] + _GAP:.0f}")
    width = f"{sum(across) + _GAP:.0f}"
    whole = Element(f"{{{_SVG}}}svg", viewBox=f"0 0 {width} {height:.0f}", width=width, height=f"{height:.0f}")
    title = Element(f"{{{_SVG}}}title")
    title.text = "What the policies let pass: predicted, and seen by real connections"
    whole.extend([title, left, right])
    return tostring(whole, encoding="unicode") + "\n"
