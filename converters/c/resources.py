"""Resource variables as tensors that keep their values."""

from dataclasses import replace

from edgekit.converters.graph import Operator, Subgraph, Tensor

__all__ = ["with_variables"]


def with_variables(subgraph: Subgraph) -> tuple[Subgraph, dict[int, int]]:
    """Return a graph whose handles are the variables themselves.

    Every output of VAR_HANDLE gets the type and shape of what is assigned to it or read from it,
    and becomes a variable.

    Returns:
        The graph, and which handles stand for the variable of an earlier one.
    """
    tensors = list(subgraph.tensors)
    first: dict[object, int] = {}
    same: dict[int, int] = {}
    for operator in subgraph.operators:
        if operator.kind == "VAR_HANDLE":
            handle = operator.outputs[0]
            same[handle] = first.setdefault(_name(operator), handle)
    for operator in subgraph.operators:
        if operator.kind in ("ASSIGN_VARIABLE", "READ_VARIABLE"):
            variable = same.get(operator.inputs[0])
            if variable is not None:
                tensors[variable] = _stored(tensors[variable], _value(subgraph, operator))
    for handle, variable in same.items():
        if handle != variable:
            tensors[handle] = _stored(tensors[handle], tensors[variable])
    roots = {handle: variable for handle, variable in same.items() if handle != variable}
    return replace(subgraph, tensors=tuple(tensors)), roots


def _name(operator: Operator) -> object:
    return operator.options.get("container"), operator.options.get("shared_name")


def _value(subgraph: Subgraph, operator: Operator) -> Tensor:
    reads = operator.kind == "READ_VARIABLE"
    return subgraph.tensors[operator.outputs[0] if reads else operator.inputs[1]]


def _stored(handle: Tensor, value: Tensor) -> Tensor:
    # Without quantization: the interpreter fills new variables with zeros, whatever they mean.
    return replace(
        handle, shape=value.shape, dtype=value.dtype, quantization=None, is_variable=True
    )
