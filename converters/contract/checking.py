"""Check a TFLite model against the contract and collect everything that breaks it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from edgekit.converters.contract.base import (
    Constraint,
    ContractContext,
    Violation,
    constraints,
)
from edgekit.converters.graph import Graph, Subgraph
from edgekit.converters.origins import origin_of
from edgekit.device_profiles import DeviceProfile
from edgekit.errors import EdgekitError

__all__ = ["ContractError", "check_contract", "enforce_contract"]

_SHOWN = 20


class ContractError(EdgekitError):
    """A model that is not what was asked for, or that a device cannot run."""

    def __init__(self, violations: Sequence[Violation], *, hint: str | None = None) -> None:
        lines = [str(item) for item in violations[:_SHOWN]]
        if len(violations) > _SHOWN:
            lines.append(f"... and {len(violations) - _SHOWN} more")
        islands = any(item.is_float_island for item in violations)
        places = "place" if len(violations) == 1 else "places"
        super().__init__(
            f"the model breaks the contract in {len(violations)} {places}",
            details=lines,
            hint=hint
            or "change the operators named above in the source"
            + (", or pass --allow-float-islands to leave them in float" if islands else ""),
        )
        self.violations = tuple(violations)


def check_contract(
    graph: Graph, context: ContractContext, devices: Sequence[DeviceProfile] = ()
) -> tuple[Violation, ...]:
    """Return everything that breaks the contract, what was asked for first, then by device.

    Args:
        graph: The model.
        context: What was asked for; its device is ignored.
        devices: The devices that shall run it.
    """
    found: list[Violation] = []
    for device in (None, *devices):
        current = replace(context, device=device)
        for item in constraints():
            if item.per_device == (device is not None):
                found.extend(_apply(item, graph, current))
    return tuple(found)


def enforce_contract(violations: Sequence[Violation], *, allow_float_islands: bool) -> None:
    """Raise for violations, save those that the user allowed.

    Raises:
        ContractError: With every violation that counts.
    """
    counted = [item for item in violations if not (allow_float_islands and item.is_float_island)]
    if counted:
        raise ContractError(counted)


def _apply(item: Constraint, graph: Graph, context: ContractContext) -> Iterator[Violation]:
    if item.subject == "graph":
        particulars = item.check(graph.main, context, graph.size_bytes)
        if particulars:
            yield _violation(item, context, "the model", "the whole source", particulars)
        return
    for subgraph in graph.subgraphs:
        for subject, name, origin in _subjects(item, subgraph, context):
            particulars = item.check(subject, subgraph, context)
            if particulars:
                yield _violation(item, context, name, origin(), particulars)


def _subjects(item: Constraint, subgraph: Subgraph, context: ContractContext) -> Iterator[tuple]:  # type: ignore[type-arg]
    if item.subject == "operator":
        for operator in subgraph.operators:
            name = f"{operator.kind} #{operator.index}"
            yield operator, name, lambda op=operator: origin_of(subgraph, op, context.origins)
        return
    # Where it comes from: its maker; of a constant, what reads it.
    homes = {index: op for op in reversed(subgraph.operators) for index in op.inputs}
    homes.update({index: op for op in subgraph.operators for index in op.outputs})
    for index in subgraph.inputs:
        homes.pop(index, None)
    for tensor in subgraph.tensors:
        home = homes.get(tensor.index)
        yield (
            tensor,
            f"tensor '{tensor.name}'",
            lambda op=home: origin_of(subgraph, op, context.origins) if op else "the interface",
        )


def _violation(
    item: Constraint, context: ContractContext, subject: str, origin: str, particulars: str
) -> Violation:
    return Violation(
        constraint=item.name,
        rule=item.rule.split(". ")[0].rstrip(".") + ".",
        subject=subject,
        origin=origin,
        particulars=particulars,
        device=context.device.name if context.device else None,
        is_float_island=item.is_float_island,
    )
