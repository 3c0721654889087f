"""The engine on sets and the naive reading of the documentation give the same answer, on every generated cluster."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network
from random import Random

import naive_network as naive
import pytest
from generated_clusters import Question, asked_clusters, expanded, pods
from hypothesis import HealthCheck, event, given, seed, settings
from hypothesis import strategies as st
from naive_network import Object
from test_naive_network import CASES, asked, read

from policies.evidence import Place
from policies.model.network import policy_schema as network_policy_schema
from policies.model.network.address_ranges import IPV4, IPV6, addresses
from policies.model.network.decisions import decide
from policies.model.network.endpoints import Endpoint, Node, Outside, Pod
from policies.model.network.engine import Network
from policies.model.network.intervals import NOTHING, Intervals
from policies.model.network.parties import labels_of, party
from policies.model.network.policies import blocks
from policies.model.network.ports import ports
from policies.model.network.universe import Universe
from policies.model.workloads.pods import PodTemplate
from policies.read.documents import ApiOrigin, Document

MANY = settings(
    max_examples=1000, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


class Cluster:
    """A generated cluster as the engine sees it; `known` gives the addresses of pods, which are else in no block."""

    def __init__(self, objects: Sequence[Object], known: dict[tuple[str, str], str] | None = None) -> None:
        self.pods: dict[tuple[str, str], Pod] = {}
        for body in pods(list(objects)):
            name = (body["metadata"]["namespace"], body["metadata"]["name"])
            where = addresses([ip_network(known[name])]) if known and name in known else NOTHING
            made = party(PodTemplate(Place("x"), _document(body), ("spec",)), None).endpoint
            assert isinstance(made, Pod)
            self.pods[name] = Pod(made.namespace, made.labels, made.ports, made.host_network, where)
        self.policies = tuple(
            network_policy_schema.read_policy(_document(one)) for one in objects if one["kind"] == "NetworkPolicy"
        )
        namespaces = {
            one["metadata"]["name"]: labels_of(one["metadata"].get("labels"))
            for one in objects
            if one["kind"] == "Namespace"
        }
        found = tuple(dict.fromkeys(self.pods.values()))
        self.universe = Universe(found, namespaces, tuple(block.addresses for block in blocks(self.policies)))
        self.network = Network(self.universe, self.policies)

    def end(self, peer: naive.Peer) -> Endpoint:
        """Give the engine's endpoint of a naive peer."""
        if isinstance(peer, naive.Pod):
            return self.pods[peer.namespace, peer.name]
        return Outside(addresses([ip_network(peer.address)])) if isinstance(peer, naive.Outside) else Node()

    def passes(self, question: Question, network: Network | None = None) -> bool:
        """Whether the engine says that the connection passes."""
        asked = ports(question.protocol, question.port)
        return bool((network or self.network).ports(self.end(question.source), self.end(question.target)) & asked)


def _document(body: Object) -> Document:
    metadata = body["metadata"]
    return Document(body, ApiOrigin(body["kind"], metadata.get("namespace", ""), metadata["name"]))


def _asks_itself(question: Question) -> bool:
    # A workload is one pod to the naive form; to the engine its pods are several, and a pod never refuses itself.
    return question.source == question.target


@pytest.mark.parametrize("number", range(4))
def test_engine_and_naive_form_agree(number: int) -> None:
    """Thousands of clusters, with every operator, absent and empty lists, named ports, ranges, blocks with exceptions."""

    @seed(number)
    @MANY
    @given(asked_clusters(12))
    def agree(asked: tuple[list[Object], list[Question]]) -> None:
        objects, questions = asked
        cluster, plain = Cluster(objects), expanded(objects)
        for question in questions:
            if _asks_itself(question):
                continue
            expected = naive.allowed(plain, *question)
            event("allowed" if expected else "denied")
            assert cluster.passes(question) is expected, question

    agree()


@settings(MANY, max_examples=500)
@given(asked_clusters(8), st.randoms(use_true_random=False))
def test_known_addresses_agree(asked: tuple[list[Object], list[Question]], random: Random) -> None:
    """A pod whose address is known is in the blocks that hold it, as an address outside would be."""
    objects, questions = asked
    asked_of = [one.address for question in questions for one in question[:2] if isinstance(one, naive.Outside)]
    names = [(one["metadata"]["namespace"], one["metadata"]["name"]) for one in pods(objects)]
    free = [f"10.{random.randrange(256)}.{random.randrange(256)}.{number + 1}" for number in range(len(names))]
    known = {name: address for name, address in zip(names, free, strict=True) if address not in asked_of}
    cluster, plain = Cluster(objects, known), expanded(objects)
    for question in questions:
        if not _asks_itself(question):
            expected = naive.allowed(plain, *question, pod_addresses={name: [one] for name, one in known.items()})
            assert cluster.passes(question) is expected, question


@settings(MANY, max_examples=300)
@given(asked_clusters(8))
def test_decisions_agree_with_the_sets(asked: tuple[list[Object], list[Question]]) -> None:
    """What is said about one connection is what the whole says, end by end."""
    objects, questions = asked
    cluster, plain = Cluster(objects), expanded(objects)
    for question in questions:
        if _asks_itself(question):
            continue
        asked_ports = ports(question.protocol, question.port)
        found = decide(cluster.network, cluster.end(question.source), cluster.end(question.target), asked_ports)
        assert (found.egress.passes, found.ingress.passes) == naive.directions(plain, *question), question


@settings(MANY, max_examples=300)
@given(asked_clusters(8), st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "192.168.0.0/16", "0.0.0.0/0", "fd00::/8"]))
def test_ranges_hold_what_any_address_in_them_would_say(asked: tuple[list[Object], list[Question]], text: str) -> None:
    """Where only the network of pods is known: what passes surely does for its first and last address, and what cannot never does."""
    objects, questions = asked
    network = ip_network(text)
    between = Cluster(objects)
    widened = {
        name: Pod(pod.namespace, pod.labels, pod.ports, pod.host_network, addresses([network]))
        for name, pod in between.pods.items()
    }
    universe = Universe(tuple(dict.fromkeys(widened.values())), between.universe.namespaces, between.universe.known)
    between.pods = widened
    surely, possibly = (Network(universe, between.policies, doubtful) for doubtful in (False, True))
    plain = expanded(objects)
    inside = [question for question in questions if all(isinstance(end, naive.Pod) for end in question[:2])]
    for question in inside:
        for address in (network[0], network[-1]):
            if _asks_itself(question):
                continue
            known = {name: [str(address)] for name in between.pods}
            expected = naive.allowed(plain, *question, pod_addresses=known)
            assert not between.passes(question, surely) or expected, question
            assert not expected or between.passes(question, possibly), question


def test_unknown_address_is_in_a_block_of_every_address() -> None:
    """Of IPv4 or of IPv6 any pod has an address; of less nothing is known."""
    pod = Pod("shop")
    universe = Universe((pod,), {})
    inside = {name: bool(universe.within(block, False) & 1) for name, block in _BLOCKS.items()}
    assert inside == {"all of IPv4": True, "all of IPv6": True, "half of IPv4": False}


_BLOCKS: dict[str, Intervals] = {
    "all of IPv4": IPV4,
    "all of IPv6": IPV6,
    "half of IPv4": addresses([ip_network("0.0.0.0/1")]),
}


@pytest.mark.parametrize("sentence", CASES)
def test_the_engine_keeps_the_documentations_sentence(sentence: str) -> None:
    """The named cases of the documentation, which the naive form keeps by its own test."""
    specs, questions = CASES[sentence]
    cluster = Cluster(read(specs))
    for text in questions.split(";"):
        question, answer = text.rsplit(maxsplit=1)
        if not _asks_itself(asked(question)):
            assert cluster.passes(asked(question)) is (answer == "allowed"), text
