"""Mixtures of experts: a router takes few of several blocks, each with weights of its own."""

from collections.abc import Iterator
from math import prod

import numpy as np

from edgekit.converters.compression.outcome import Outcome
from edgekit.converters.compression.registry import examines, judges
from edgekit.converters.compression.weights import Examined
from edgekit.converters.finding import CompressionFinding, Fate, FindingKind, SettledFinding
from edgekit.converters.graph import Operator
from edgekit.converters.graph.builder import without_number
from edgekit.converters.lowering.source_graph import SourceGraph, SourceNode

__all__ = ["find_experts", "judge"]

_PRODUCTS = ("Einsum", "MatMul", "Mul", "Where")
_WITH_WEIGHTS = ("Conv", "Einsum", "Gemm", "MatMul")
_ROUTING = ("ARG_MAX", "TOPK_V2")
_SEPARATOR = ", "


@examines(FindingKind.EXPERTS)
def find_experts(given: Examined) -> Iterator[CompressionFinding]:
    """Yield every router, with the weights among which it chooses."""
    graph = given.graph
    for router in graph.nodes if graph is not None else ():
        if graph is None or router.domain or router.kind not in ("ArgMax", "TopK"):
            continue
        scores = graph.shapes[router.inputs[0]]
        is_last = router.kind == "TopK"
        axis = router.integer("axis", -1 if is_last else 0) % len(scores)
        named = next(name for name in router.outputs if name)
        count, chosen = scores[axis], graph.shapes[named][axis] if is_last else 1
        names = _Search(graph, router, count).weights() if 0 < chosen < count else ()
        if names:
            tokens = prod(scores) // count
            yield _finding(graph, router, names, count, chosen, tokens)


def _finding(
    graph: SourceGraph,
    router: SourceNode,
    names: tuple[str, ...],
    count: int,
    chosen: int,
    tokens: int,
) -> CompressionFinding:
    values = sum(graph.constants[name].size for name in names)
    return CompressionFinding(
        FindingKind.EXPERTS,
        router.name,
        f"{router.label} takes {chosen} of {count} experts for each of {tokens} tokens: a token "
        f"touches {chosen / count:.0%} of {values:,} expert weights",
        {
            "experts": count,
            "chosen": chosen,
            "tokens_per_input": tokens,
            "fraction_touched_per_token": chosen / count,
            "largest_fraction_touched_per_input": min(1.0, tokens * chosen / count),
            "expert_values": values,
            "router": router.label,
            "expert_tensors": _SEPARATOR.join(names),
        },
    )


class _Search:
    """Looks for the weights that a router chooses among.

    A product of what the router chose with something that it did not choose is where experts
    meet their shares; what makes the other factor, back to what the router has seen itself, is
    the experts.
    """

    def __init__(self, graph: SourceGraph, router: SourceNode, count: int) -> None:
        self._graph, self._count = graph, count
        self._makers = {name: node for node in graph.nodes for name in node.outputs if name}
        self._seen = self._before(router.inputs[0])
        self._routed = set(filter(None, router.outputs))
        for node in graph.nodes:
            if self._routed.intersection(node.inputs):
                self._routed.update(filter(None, node.outputs))

    def weights(self) -> tuple[str, ...]:
        """Return the names of the experts' weights; empty where no experts are chosen."""
        sites = [self._behind(name) for name in self._factors()]
        names = dict.fromkeys(name for site in sites for name in site)
        looked_up = [node.inputs[0] for node in self._graph.nodes if self._looks_up(node)]
        stacked = (*(name for name in names if self._is_stacked(name, 2)), *looked_up)
        if any(self._is_stacked(name, 3) for name in stacked):
            return tuple(dict.fromkeys(stacked))
        # Each of its own: as many products as experts, none of which shares weights.
        own = [site for site in sites if site]
        if len(own) == self._count and len(names) == sum(map(len, own)):
            return tuple(names)
        return ()

    def _before(self, name: str) -> set[str]:
        """Return what a tensor is computed from, itself included."""
        found, waiting = set(), [name]
        while waiting:
            current = waiting.pop()
            if current and current not in found:
                found.add(current)
                maker = self._makers.get(current)
                waiting.extend(maker.inputs if maker is not None else ())
        return found - set(self._graph.constants)

    def _factors(self) -> Iterator[str]:
        """Yield what is multiplied with something that the router chose."""
        for node in self._graph.nodes:
            if node.kind in _PRODUCTS and self._routed.intersection(node.inputs):
                for name in node.inputs:
                    if name not in self._routed and name in self._makers:
                        yield name

    def _behind(self, name: str) -> tuple[str, ...]:
        """Return the weights that a tensor is made with, back to what the router has seen."""
        found: dict[str, None] = {}
        waiting, known = [name], set(self._seen)
        while waiting:
            current = waiting.pop()
            maker = self._makers.get(current)
            if maker is None or current in known:
                continue
            known.add(current)
            waiting.extend(maker.inputs)
            if maker.kind in _WITH_WEIGHTS:
                found.update(dict.fromkeys(item for item in maker.inputs if self._is_weight(item)))
        return tuple(found)

    def _is_weight(self, name: str) -> bool:
        values = self._graph.constants.get(name)
        return values is not None and values.dtype.kind == "f" and values.ndim > 1

    def _is_stacked(self, name: str, rank: int) -> bool:
        values = self._graph.constants[name]
        return values.ndim >= rank and values.shape[0] == self._count

    def _looks_up(self, node: SourceNode) -> bool:
        """Whether a node takes the weights of the chosen experts."""
        if node.kind not in ("Gather", "GatherND") or node.domain:
            return False
        name, places = node.inputs
        if places not in self._routed or not self._is_weight(name):
            return False
        one = node.kind == "Gather" or self._graph.shapes[places][-1] == 1
        along_first = not node.integer("axis", 0) and not node.integer("batch_dims", 0)
        return one and along_first and self._is_stacked(name, 2)


@judges(FindingKind.EXPERTS)
def judge(finding: CompressionFinding, outcome: Outcome) -> SettledFinding:
    """Say whether the final model routes, and how much of the experts' weights it reads."""
    figures = finding.figures
    routing = [item for item in outcome.final.main.operators if _routes(item, finding, outcome)]
    names = str(figures["expert_tensors"]).split(_SEPARATOR)
    held = {name: outcome.constants_from(name) for name in names}
    absent = [name for name, tensors in held.items() if not tensors]
    if not routing or absent:
        what = f"made of '{absent[0]}'" if routing else f"that {figures['router']} became"
        proof = f"nothing in the final model is known to be {what}"
        return SettledFinding(finding, Fate.LOST, proof)
    main = outcome.final.main
    ids = {tensor.index for tensors in held.values() for tensor in tensors}
    readers = [item for item in main.operators if ids.intersection(item.inputs)]
    size = sum(tensor.data_bytes for tensors in held.values() for tensor in tensors)
    looked_up = all(item.kind in ("GATHER", "GATHER_ND") for item in readers)
    share = "only those" if looked_up else f"all {figures['experts']}"
    writes = main.tensors[routing[0].outputs[0]].name
    proof = (
        f"{routing[0].kind} '{writes}' takes {_taken(routing[0], outcome)} of "
        f"{figures['experts']} in the final model, which computes {share} for every token "
        f"({size:,} bytes of experts' weights)"
    )
    return SettledFinding(finding, Fate.KEPT, proof)


def _routes(operator: Operator, finding: CompressionFinding, outcome: Outcome) -> bool:
    if operator.kind not in _ROUTING:
        return False
    name = outcome.final.main.tensors[operator.outputs[0]].name
    origins = outcome.lowered.origins
    origin = origins.get(name) or origins.get(without_number(name))
    return origin == finding.figures["router"] and (
        _taken(operator, outcome) == finding.figures["chosen"]
    )


def _taken(operator: Operator, outcome: Outcome) -> int:
    """Return how many of its scores a routing operator takes."""
    if operator.kind == "ARG_MAX":
        return 1
    amount = outcome.final.main.tensors[operator.inputs[1]]
    return int(np.frombuffer(amount.data or b"", np.int32)[0])
