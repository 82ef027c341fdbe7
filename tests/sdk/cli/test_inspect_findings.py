"""A model that is not converted yet is examined, or it is said why not."""

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper


@pytest.fixture
def pruned(tmp_path):
    """Save a model with a matrix of which three quarters are zero; ``dims`` are its input's."""

    def save(dims):
        generator = np.random.default_rng(0)
        weights = generator.standard_normal((32, 32)).astype(np.float32)
        weights[generator.random((32, 32)) < 0.75] = 0
        graph = helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["y"], name="layer")],
            "g",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, dims)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [dims[0], 32])],
            [numpy_helper.from_array(weights, "w")],
        )
        path = tmp_path / "net.onnx"
        opsets = [helper.make_opsetid("", 17)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)
        return path

    return save


def test_findings_are_shown_before_a_build(pruned, succeed):
    path = pruned([1, 32])
    data = json.loads(succeed("inspect", str(path), "--json"))
    assert data["not_examined"] is None
    (finding,) = data["findings"]
    assert (finding["kind"], finding["tensor"]) == ("pruned", "w")
    assert finding["figures"]
    text = succeed("inspect", str(path))
    assert "Compression: what training left" in text
    assert finding["summary"].split()[0] in text


def test_what_cannot_be_examined_says_why(pruned, succeed):
    path = pruned([1, "columns"])
    data = json.loads(succeed("inspect", str(path), "--json"))
    assert data["findings"] == []
    assert "'x'" in data["not_examined"]
    assert "compression not examined: " in succeed("inspect", str(path))


NET = """
import torch

def get_model():
    torch.manual_seed(0)
    layer = torch.nn.Linear(32, 8)
    with torch.no_grad():
        layer.weight[:, ::2] = 0
    return layer

def get_args():
    return (torch.zeros(1, 32),)
"""


def test_a_torch_source_is_examined_as_the_model_that_it_becomes(tmp_path, succeed):
    pytest.importorskip("torch")
    path = tmp_path / "net.py"
    path.write_text(NET)
    data = json.loads(succeed("inspect", str(path), "--json", "--operators"))
    assert data["kind"] == "python-file"
    assert [item["kind"] for item in data["operators"]] == ["Gemm"]
    (finding,) = data["findings"]
    assert (finding["kind"], finding["figures"]["zeros"]) == ("pruned", 128)
    assert "as the ONNX model that it becomes" in succeed("inspect", str(path))
