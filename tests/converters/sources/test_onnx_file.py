"""ONNX files: whole, cut off, and garbage."""

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgekit.converters.sources import SourceError, open_source
from edgekit.errors import EdgekitError, UnreadableFileError


def test_a_file_is_named_without_its_folder(small_models, tmp_path):
    source = open_source(small_models.save(tmp_path / "net.onnx", small_models.scores_model()))
    assert (source.kind, source.name) == ("onnx", "net.onnx")
    assert open_source(str(tmp_path / "net.onnx")).sha256 == source.sha256


def test_shapes_are_passed_on(small_models, tmp_path):
    path = small_models.save(tmp_path / "net.ONNX", small_models.scores_model("n"))
    assert open_source(path, input_shapes={"x": (6, 4)}).outputs[0].shape == (6, 3)


@pytest.mark.parametrize("content", [b"", b"garbage that is no protobuf", bytes(100), b"\x08"])
def test_other_content_is_unreadable(tmp_path, content):
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"cannot read .*net\.onnx") as caught:
        open_source(path)
    assert "\n" not in caught.value.message


def test_every_truncation_is_an_error(small_models, tmp_path):
    path = small_models.save(tmp_path / "net.onnx", small_models.scores_model())
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises((UnreadableFileError, SourceError)):
            open_source(path)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_flipped_bytes_give_a_source_or_an_error(small_models, tmp_path, data):
    content = bytearray(small_models.scores_model().SerializeToString())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    try:
        outputs = open_source(path).outputs
    except EdgekitError:
        return
    assert len(outputs) == 1


def test_a_missing_file_and_a_folder(tmp_path):
    for path in (tmp_path / "none.onnx", tmp_path):
        with pytest.raises(UnreadableFileError, match="no such file"):
            open_source(path)


def test_external_weights_are_read_and_missed(small_models, tmp_path):
    model = small_models.onnx_model(
        [small_models.node("MatMul", "x w", "y")],
        [("x", [1, 40])],
        [("y", [1, 40])],
        {"w": np.eye(40, dtype=np.float32)},
    )
    path = tmp_path / "net.onnx"
    onnx.save(model, str(path), save_as_external_data=True, location="weights.bin")
    x = np.arange(40, dtype=np.float32)[None]
    source = open_source(path)
    np.testing.assert_array_equal(source.reference.run({"x": x})["y"], x)
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(UnreadableFileError, match="not a readable ONNX model") as caught:
        open_source(path)
    assert "external weights must lie beside it" in caught.value.hint


def test_external_weights_outside_the_folder_are_not_read(small_models, tmp_path):
    model = small_models.onnx_model(
        [small_models.node("MatMul", "x w", "y")],
        [("x", [1, 40])],
        [("y", [1, 40])],
        {"w": np.eye(40, dtype=np.float32)},
    )
    (tmp_path / "inside").mkdir()
    path = tmp_path / "inside" / "net.onnx"
    onnx.save(model, str(path), save_as_external_data=True, location="weights.bin")
    (tmp_path / "inside" / "weights.bin").rename(tmp_path / "weights.bin")
    moved = onnx.load(str(path), load_external_data=False)
    for entry in moved.graph.initializer[0].external_data:
        if entry.key == "location":
            entry.value = "../weights.bin"
    path.write_bytes(moved.SerializeToString())
    with pytest.raises(UnreadableFileError):
        open_source(path)
