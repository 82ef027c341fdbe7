"""Which operators a delegate runs as one, and an order in which the model can be cut."""

from collections.abc import Sequence
from typing import Any

from edgekit.converters.graph import Subgraph

__all__ = ["delegate_partitions", "execution_units"]

_DELEGATE = "DELEGATE"


def delegate_partitions(main: Subgraph, interpreter: Any) -> tuple[tuple[int, ...], ...]:
    """Return the operators of each partition that a delegate has taken over.

    TFLite lists a node ``DELEGATE`` for each partition, with the tensors at its borders; its
    operators are those between.

    Args:
        main: The model's operators.
        interpreter: A TFLite interpreter that has allocated the model's tensors.

    Returns:
        Indices of operators, for each partition in their order; nothing where the interpreter
        does not list its nodes.
    """
    if not hasattr(interpreter, "_get_ops_details"):
        return ()
    makers = {index: operator for operator in main.operators for index in operator.outputs}
    found = []
    for node in interpreter._get_ops_details():  # noqa: SLF001  the only list of nodes there is
        if node["op_name"] != _DELEGATE:
            continue
        begins = {int(index) for index in node["inputs"]}
        waiting = [int(index) for index in node["outputs"]]
        inside: set[int] = set()
        while waiting:
            index = waiting.pop()
            if index in begins or index not in makers or makers[index].index in inside:
                continue
            inside.add(makers[index].index)
            waiting.extend(makers[index].inputs)
        found.append(tuple(sorted(inside)))
    return tuple(sorted(found))


def execution_units(
    main: Subgraph, partitions: Sequence[Sequence[int]]
) -> tuple[tuple[int, ...], ...]:
    """Return partitions and single operators in an order in which they can run.

    Each depends on earlier ones only, and an operator runs as early as in the file where that
    is possible.
    """
    of = {index: tuple(unit) for unit in partitions for index in unit}
    units = [of.get(operator.index, (operator.index,)) for operator in main.operators]
    makers = {index: operator.index for operator in main.operators for index in operator.outputs}
    waiting = {unit: _needs(main, unit, makers) for unit in units}
    done: set[int] = set()
    ordered = []
    while waiting:
        unit = next(item for item, needed in waiting.items() if needed <= done)
        del waiting[unit]
        done.update(unit)
        ordered.append(unit)
    return tuple(ordered)


def _needs(main: Subgraph, unit: Sequence[int], makers: dict[int, int]) -> set[int]:
    """Return the operators outside of a unit whose results it reads."""
    read = {index for item in unit for index in main.operators[item].inputs}
    return {makers[index] for index in read if index in makers} - {*unit}
