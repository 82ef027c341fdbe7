"""Ask the reference what one node does, where that is data about axes and not arithmetic."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.sources.onnx_reference import OnnxReference

__all__ = ["run_node"]

_IR_VERSION = 10


def run_node(
    kind: str,
    opset: int,
    inputs: Sequence[npt.NDArray[Any] | None],
    attributes: Mapping[str, Any],
) -> npt.NDArray[Any]:
    """Run an operator of ONNX's own domain alone and return its first output.

    Args:
        kind: Operator.
        opset: Its version.
        inputs: Values; None where absent. The first is the model's input.
        attributes: As a :class:`SourceNode` has them.
    """
    from onnx import helper, numpy_helper

    names = ["" if value is None else f"input_{index}" for index, value in enumerate(inputs)]
    first = np.asarray(inputs[0])
    element = helper.np_dtype_to_tensor_dtype(first.dtype)
    graph = helper.make_graph(
        [helper.make_node(kind, names, ["output"], **attributes)],
        "probe",
        [helper.make_tensor_value_info(names[0], element, first.shape)],
        [helper.make_empty_tensor_value_info("output")],
        [
            numpy_helper.from_array(value, name)
            for name, value in zip(names[1:], inputs[1:], strict=True)
            if value is not None
        ],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=_IR_VERSION
    )
    return OnnxReference(model.SerializeToString()).run({names[0]: first})["output"]
