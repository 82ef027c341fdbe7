"""Integers without a constant scale stand for no numbers that a float graph could compute."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.lower import lower_source
from edgekit.converters.sources.base import SourceModel, SourceTensor
from edgekit.converters.sources.onnx_reference import OnnxReference


def test_a_product_of_integers_is_refused():
    """The intake refuses most of these by itself; what it leaves must not be lowered."""
    shape = (2, 2)
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["x"], ["a"], to=TensorProto.UINT8),
            helper.make_node("MatMulInteger", ["a", "a"], ["y"], name="product"),
        ],
        "model",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.INT32, shape)],
    )
    opsets = [helper.make_opsetid("", 21)]
    content = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
    source = SourceModel(
        kind="onnx",
        name="model",
        content=content,
        inputs=(SourceTensor("x", np.dtype(np.float32).name, shape),),
        outputs=(SourceTensor("y", np.dtype(np.int32).name, shape),),
        reference=OnnxReference(content),
    )
    with pytest.raises(RefusedError, match="scales are not constants of the model") as caught:
        lower_source(source)
    assert "MatMulInteger 'product'" in caught.value.message
