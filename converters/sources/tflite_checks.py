"""What a TFLite model must be to serve as a source. Docstrings are the messages."""

from collections.abc import Callable, Iterator
from typing import Any

from edgekit.converters.graph import DataType, Graph
from edgekit.converters.sources.base import SourceError

__all__ = ["refuse_unfit_graph", "refuse_unread_parts"]

_CONTROL_FLOW = frozenset(["CALL", "CALL_ONCE", "IF", "STABLEHLO_COMPOSITE", "WHILE"])
_RANDOM = frozenset(["MULTINOMIAL", "RANDOM_STANDARD_NORMAL", "RANDOM_UNIFORM"])
_TYPES = frozenset(
    [
        DataType.FLOAT32,
        DataType.FLOAT16,
        DataType.INT32,
        DataType.INT64,
        DataType.UINT32,
        DataType.BOOL,
        DataType.INT8,
        DataType.UINT8,
        DataType.INT16,
    ]
)

Found = Iterator[str]


def has_no_control_flow(graph: Graph) -> Found:
    """A source is one graph, without branches, loops or calls.

    Export the model without them: unroll loops (Keras: ``unroll=True`` of recurrent layers),
    and split what has several signatures.
    """
    for operator in graph.main.operators:
        if operator.kind in _CONTROL_FLOW:
            yield f"operator #{operator.index} is {operator.kind}"
    if len(graph.subgraphs) > 1:
        names = ", ".join(f"'{item.name}'" for item in graph.subgraphs)
        yield f"it has {len(graph.subgraphs)} subgraphs: {names}"


def is_built_in(graph: Graph) -> Found:
    """A source has no custom or Flex operators, whose meaning only their own kernels know.

    Export the model without them, and compute what they do after the model.
    """
    for operator in graph.main.operators:
        if operator.is_custom:
            yield f"operator #{operator.index} is the custom operator {operator.kind}"


def is_float(graph: Graph) -> Found:
    """A source is a float model: its ranges and weights must not be rounded already.

    Convert the original again without quantization (no ``optimizations``); float16 weights
    are taken.
    """
    for tensor in graph.main.tensors:
        # A scale of 0 is how files write that there is none.
        if tensor.quantization and any(tensor.quantization.scales) and not tensor.dtype.is_float:
            yield f"tensor '{tensor.name}' is {tensor.dtype} with a scale"


def has_known_types(graph: Graph) -> Found:
    """A source holds float32 numbers, integers and booleans; float16 only as weights.

    Export the model with other types, without strings, complex numbers and variables.
    """
    for tensor in graph.main.tensors:
        if tensor.dtype not in _TYPES:
            yield f"tensor '{tensor.name}' is {tensor.dtype}"
        elif tensor.dtype is DataType.FLOAT16 and not tensor.is_constant:
            yield f"tensor '{tensor.name}' is computed in FLOAT16"


def keeps_no_state(graph: Graph) -> Found:
    """A source gives the same outputs for the same inputs, whatever ran before.

    Export recurrent layers unrolled (Keras: ``unroll=True``), or with their state as inputs
    and outputs, and seed what is random outside of the model.
    """
    for tensor in graph.main.tensors:
        if tensor.is_variable:
            yield f"tensor '{tensor.name}' keeps its value between invocations"
    for operator in graph.main.operators:
        if operator.kind in _RANDOM:
            yield f"operator #{operator.index} is {operator.kind}"


def has_plain_interface(graph: Graph) -> Found:
    """Every input and output of a source is a tensor of its own, under a name of its own.

    Export the model with at least one of each, and without outputs that stand twice or are an
    unchanged input.
    """
    main = graph.main
    if not main.inputs or not main.outputs:
        yield f"it has {len(main.inputs)} inputs and {len(main.outputs)} outputs"
    names = [main.tensors[index].name for index in (*main.inputs, *main.outputs)]
    for name in dict.fromkeys(names):
        if not name or names.count(name) > 1:
            yield f"{names.count(name)} of its inputs and outputs are called '{name}'"


_CHECKS: tuple[Callable[[Graph], Found], ...] = (
    has_no_control_flow,
    is_built_in,
    is_float,
    has_known_types,
    keeps_no_state,
    has_plain_interface,
)
_SHOWN = 5


def refuse_unfit_graph(name: str, graph: Graph) -> None:
    """Refuse a model that cannot be made integer, or not honestly.

    Raises:
        SourceError: Naming the operators or tensors, and what to do.
    """
    for check in _CHECKS:
        found = list(check(graph))
        if not found:
            continue
        text = " ".join((check.__doc__ or "").replace("``", "").split())
        rule, _, advice = text.partition(". ")
        more = [f"... and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
        raise SourceError(
            f"{name} cannot be taken. {rule}",
            details=(*found[:_SHOWN], *more),
            hint=advice[:1].lower() + advice[1:].rstrip("."),
        )


def refuse_unread_parts(name: str, model: Any) -> None:
    """Refuse what the typed graph would leave out without a word.

    Args:
        name: Of the model.
        model: The schema's ``ModelT``.

    Raises:
        SourceError: Sparse weights, or options of a newer schema.
    """
    for subgraph in model.subgraphs:
        if any(tensor.sparsity is not None for tensor in subgraph.tensors or ()):
            raise SourceError(
                f"{name} stores weights in TFLite's sparse format, which is not read",
                hint="convert the original again without EXPERIMENTAL_SPARSITY: zeros stay zeros",
            )
        for operator in subgraph.operators or ():
            given = operator.builtinOptionsType or operator.builtinOptions2Type
            if given and operator.builtinOptions is None and operator.builtinOptions2 is None:
                raise SourceError(
                    f"{name} has operator options of an unknown kind ({given})",
                    hint="upgrade the package ai-edge-litert, whose schema is older than the model",
                )
