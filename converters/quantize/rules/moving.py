"""Operators that move, select or compare values: inputs and output share one scale."""

from edgekit.converters.graph.builder import Node
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.converters.quantize.registry import quantizes

_ONE_INPUT = (
    "AVERAGE_POOL_2D BATCH_TO_SPACE_ND BROADCAST_TO DEPTH_TO_SPACE EXPAND_DIMS GATHER GATHER_ND "
    "MAX_POOL_2D MIRROR_PAD PAD REDUCE_MAX REDUCE_MIN RESHAPE RESIZE_BILINEAR "
    "RESIZE_NEAREST_NEIGHBOR REVERSE_V2 SLICE SPACE_TO_BATCH_ND SPACE_TO_DEPTH SQUEEZE "
    "STRIDED_SLICE TILE TOPK_V2 TRANSPOSE"
).split()


@quantizes(*_ONE_INPUT)
def moves(quantizer: Quantizer, node: Node) -> None:
    """Give the outputs the parameters of the input."""
    source = quantizer.integer(node.inputs[0])
    assert source.quantization is not None
    for output in node.outputs:
        if output.dtype is DataType.FLOAT32:
            quantizer.become(output, source.quantization)
    quantizer.keep(node, [source, *node.inputs[1:]])


@quantizes("SPLIT")
def split(quantizer: Quantizer, node: Node) -> None:
    """Give the parts the parameters of the whole, which is the second input."""
    source = quantizer.integer(node.inputs[1])
    assert source.quantization is not None
    for output in node.outputs:
        quantizer.become(output, source.quantization)
    quantizer.keep(node, [node.inputs[0], source])


@quantizes("SPLIT_V", "UNPACK")
def split_by_sizes(quantizer: Quantizer, node: Node) -> None:
    """Give the parts the parameters of the whole."""
    moves(quantizer, node)


@quantizes("PADV2")
def pad_with_value(quantizer: Quantizer, node: Node) -> None:
    """Put the filler on the grid of the input; what lies outside of it saturates."""
    source = quantizer.integer(node.inputs[0])
    assert source.quantization is not None
    (output,) = node.outputs
    quantizer.become(output, source.quantization)
    filler = quantizer.integer_as(node.inputs[2], source.quantization)
    quantizer.keep(node, [source, node.inputs[1], filler])


@quantizes("CONCATENATION", "MAXIMUM", "MINIMUM", "PACK")
def joins(quantizer: Quantizer, node: Node) -> None:
    """Give all inputs the parameters of the output, whose range spans theirs."""
    (output,) = node.outputs
    wanted = quantizer.observed(output)
    given = {quantizer.integer(value).quantization for value in node.reads()}
    if len(given) == 1 and node.kind in ("CONCATENATION", "PACK"):
        (only,) = given
        assert only is not None
        wanted = only
    quantizer.become(output, wanted)
    quantizer.keep(node, [quantizer.integer_as(value, wanted) for value in node.inputs])


@quantizes("SELECT_V2")
def select(quantizer: Quantizer, node: Node) -> None:
    """Give both choices the parameters of the output."""
    (output,) = node.outputs
    wanted = quantizer.observed(output)
    quantizer.become(output, wanted)
    choices = [quantizer.integer_as(value, wanted) for value in node.inputs[1:]]
    quantizer.keep(node, [node.inputs[0], *choices])


@quantizes("EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "NOT_EQUAL")
def compares(quantizer: Quantizer, node: Node) -> None:
    """Compare integers; the kernels rescale."""
    quantizer.keep(node, [quantizer.integer(value) for value in node.inputs])


@quantizes("ARG_MAX", "ARG_MIN")
def arguments(quantizer: Quantizer, node: Node) -> None:
    """Find the place of an extreme: the order of integers is that of the values."""
    quantizer.keep(node, [quantizer.integer(node.inputs[0]), *node.inputs[1:]])
