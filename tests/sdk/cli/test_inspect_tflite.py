"""TFLite files are shown as text and as JSON, and never crash the process."""

import json
import sys
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgekit.cli.inspect_tflite import graph_json, read_tflite, show_graph, view
from edgekit.cli.output import Output
from edgekit.converters.graph import Graph, Subgraph, read_graph
from edgekit.errors import EdgekitError, MissingDependencyError, UnreadableFileError


@pytest.fixture
def path(tmp_path, tflite_models):
    path = tmp_path / "conv.tflite"
    path.write_bytes(tflite_models.conv_model())
    return path


def described(path, **options):
    data, _ = view(path, **{"operators": False, "tensors": False, **options})
    return data


def test_interface_sizes_and_counts(path):
    data = described(path)
    assert data["operator_counts"] == {"CONV_2D": 1, "RESHAPE": 1, "SOFTMAX": 1}
    (image,) = data["inputs"]
    assert image == {
        "name": "image",
        "dtype": "INT8",
        "shape": [1, 4, 6, 3],
        "role": "activation",
        "constant_bytes": 0,
        "quantization": {"scales": [1 / 128], "zero_points": [-3], "axis": None},
    }
    assert data["constant_bytes"] == 5 * 4 * 6 * 3 + 5 * 4 + 2 * 4


def test_the_peak_says_that_it_is_an_estimate(path, succeed):
    peak = described(path)["peak_activation"]
    assert peak["provenance"] == "estimated"
    assert "lower bound" in peak["method"]
    assert peak["bytes"] == 4 * 6 * 3 + 5  # the picture and what the convolution makes of it
    assert "77 bytes at their peak (estimated: a lower bound)" in succeed("inspect", path)


def test_operators_come_with_their_tensors(path):
    conv, _, softmax = described(path, operators=True)["operators"]
    assert (conv["kind"], conv["version"], conv["index"]) == ("CONV_2D", 3, 0)
    assert [item["name"] for item in conv["inputs"]] == ["image", "w", "b"]
    weights = conv["inputs"][1]
    assert weights["role"] == "constant"
    assert weights["quantization"]["axis"] == 0
    assert weights["quantization"]["scales"] == pytest.approx(
        [0.001, 0.002, 0.0015, 0.0012, 0.0018]
    )
    assert [item["name"] for item in softmax["outputs"]] == ["scores"]


def test_tensors_are_listed_in_the_order_of_the_file(path):
    tensors = described(path, tensors=True)["tensors"]
    assert [item["index"] for item in tensors] == list(range(7))
    assert [item["name"] for item in tensors][:4] == ["image", "w", "b", "conv"]


def test_the_text_of_an_operator_is_readable(succeed, path):
    text = succeed("inspect", path, "--operators", "--tensors")
    assert "#0 CONV_2D version 3\n" in text
    assert "    in  image: INT8 1x4x6x3, scale 0.0078125, zero point -3\n" in text
    assert "w: INT8 5x4x6x3, 5 scales 0.001 to 0.002 along axis 0, constant, 360 bytes\n" in text
    assert "    out conv: INT8 1x1x1x5, scale 0.05, zero point 10\n" in text
    assert "constant, 20 bytes" in text
    assert "Tensors" in text


def test_several_subgraphs_and_variables_are_told_apart(capsys, tflite_models):
    main = read_graph(tflite_models.conv_model()).main
    state = replace(main.tensors[3], is_variable=True)
    body = Subgraph("body", (*main.tensors[:3], state, *main.tensors[4:]), (), (), ())
    graph = Graph((main, body), 100)
    show_graph(Output.console(), graph, operators=False, tensors=True)
    text = capsys.readouterr().out
    assert "subgraph 0 'main'" in text
    assert "subgraph 1 'body'" in text
    assert "variable" in text
    numbers = [
        item["subgraph"] for item in graph_json(graph, operators=True, tensors=True)["tensors"]
    ]
    assert numbers == [0] * 7 + [1] * 7


def test_without_the_schema_it_says_what_to_install(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    with pytest.raises(MissingDependencyError, match="inspecting a TFLite model"):
        read_tflite(path, path.read_bytes())


def test_a_file_cut_off_anywhere_is_refused_or_still_whole(path, tmp_path):
    content = path.read_bytes()
    cut = tmp_path / "cut.tflite"
    messages = []
    for length in range(0, len(content), 11):
        cut.write_bytes(content[:length])
        try:
            described(cut, operators=True, tensors=True)
        except UnreadableFileError as error:
            messages.append(error.message)
    assert len(messages) > 100
    assert all(message.startswith(f"cannot read {cut}: ") for message in messages)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_is_an_error_of_ours_at_worst(path, data):
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    with suppress(EdgekitError):
        json.dumps(graph_json(read_tflite(path, bytes(content)), operators=True, tensors=True))
