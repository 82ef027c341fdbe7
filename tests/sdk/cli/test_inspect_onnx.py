"""ONNX files are described without being run, whole or not at all."""

import json
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgekit.cli.inspect_onnx import view
from edgekit.errors import MissingDependencyError, UnreadableFileError


def save(path, nodes, inputs, outputs, initializers=(), **options):
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializers)
    options.setdefault("opset_imports", [helper.make_opsetid("", 17)])
    path.write_bytes(helper.make_model(graph, **options).SerializeToString())
    return path


def value(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def described(path, **options):
    data, _ = view(path, **{"operators": False, "tensors": False, **options})
    return data


@pytest.fixture
def branching(tmp_path):
    """A model with an open batch, a constant, a custom operator and an If with two bodies."""
    bodies = [
        helper.make_graph(
            [helper.make_node(kind, ["x"], [f"from_{kind}"])],
            kind,
            [],
            [value(f"from_{kind}", ["batch", 4])],
        )
        for kind in ("Relu", "Neg")
    ]
    constant = numpy_helper.from_array(np.ones((), np.bool_), "flag")
    nodes = [
        helper.make_node("Constant", [], ["flag"], value=constant),
        helper.make_node("If", ["flag"], ["y"], then_branch=bodies[0], else_branch=bodies[1]),
        helper.make_node("Odd", ["y", "", "w"], ["z"], name="odd", domain="my.domain"),
    ]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("my.domain", 3)]
    weights = numpy_helper.from_array(np.zeros((4, 6), np.float16), "w")
    return save(
        tmp_path / "branching.onnx",
        nodes,
        # Old exporters list weights among the inputs.
        [value("x", ["batch", 4]), value("w", [4, 6], TensorProto.FLOAT16)],
        [value("z", ["batch", None])],
        [weights],
        opset_imports=opsets,
        producer_name="maker",
        producer_version="1.2",
    )


def test_the_interface_leaves_out_weights_and_names_open_dimensions(branching):
    data = described(branching)
    assert data["inputs"] == [{"name": "x", "dtype": "float", "shape": ("batch", 4)}]
    assert data["outputs"] == [{"name": "z", "dtype": "float", "shape": ("batch", "?")}]
    assert data["opsets"] == {"ai.onnx": 17, "my.domain": 3}
    assert data["producer"] == "maker 1.2"


def test_operators_inside_of_others_are_counted(branching):
    data = described(branching)
    assert data["operator_counts"] == {
        "Constant": 1,
        "If": 1,
        "my.domain::Odd": 1,
        "Relu": 1,
        "Neg": 1,
    }
    assert data["parameter_counts"] == {"float16": 24, "bool": 1}


def test_operators_and_parameters_are_listed_where_asked_for(branching):
    data = described(branching, operators=True, tensors=True)
    assert data["operators"][2] == {
        "name": "odd",
        "kind": "my.domain::Odd",
        "inputs": ("y", "", "w"),
        "outputs": ("z",),
    }
    assert [item["name"] for item in data["parameters"]] == ["w", "flag"]
    assert not {"operators", "parameters"} & described(branching).keys()


def test_the_text_has_all_of_it(succeed, branching):
    text = succeed("inspect", branching, "--operators", "--tensors")
    assert "operator set ai.onnx 17, my.domain 3, made by maker 1.2" in text
    assert "input x: float batchx4" in text
    assert "parameters: 24 float16, 1 bool" in text
    assert "my.domain::Odd 'odd': y, w -> z" in text
    assert "Neg: x -> from_Neg" in text
    assert "4x6" in text


def test_sequences_and_models_without_parameters_are_described(succeed, tmp_path):
    tensor = helper.make_tensor_type_proto(TensorProto.FLOAT, None)
    sequence = helper.make_value_info("s", helper.make_sequence_type_proto(tensor))
    node = helper.make_node("SequenceConstruct", ["x"], ["s"])
    path = save(tmp_path / "s.onnx", [node], [value("x", [2])], [sequence])
    assert described(path)["outputs"][0]["dtype"] == "sequence"
    assert "parameters: none" in succeed("inspect", path)


def test_weights_in_another_file_need_not_be_there(tmp_path):
    weights = numpy_helper.from_array(np.zeros((300, 5), np.float32), "w")
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    path = save(
        tmp_path / "m.onnx", [node], [value("x", [1, 300])], [value("y", [1, 5])], [weights]
    )
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="w.bin", size_threshold=0)
    (tmp_path / "w.bin").unlink()
    assert described(path)["parameter_counts"] == {"float": 1500}


def test_a_type_of_the_future_is_not_the_end(tmp_path):
    node = helper.make_node("Relu", ["x"], ["y"])
    path = save(tmp_path / "m.onnx", [node], [value("x", [1], 99)], [value("y", [1])])
    assert described(path)["inputs"][0]["dtype"] == "type 99"


def test_a_model_cut_off_anywhere_is_refused(in_project, tmp_path):
    content = (in_project.folder / "net.onnx").read_bytes()
    path = tmp_path / "cut.onnx"
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(UnreadableFileError) as caught:
            described(path)
        assert "\n" not in caught.value.message


def test_json_is_what_the_view_returns(succeed, branching):
    data = json.loads(succeed("inspect", branching, "--json", "--operators"))
    assert data == json.loads(json.dumps(described(branching, operators=True)))


def test_without_onnx_it_says_what_to_install(branching, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingDependencyError, match="inspecting an ONNX model"):
        described(branching)
