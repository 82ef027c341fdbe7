"""Unpacking and packing: data stay aligned, content stays the same, damage is an error."""

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from edgekit.converters.graph import MalformedModelError, read_graph
from edgekit.converters.graph.flatbuffer import FILE_IDENTIFIER, pack_model, unpack_model


def data_positions(content):
    """Return where the data of each buffer begin, found with the schema's own accessors."""
    model = schema.Model.GetRootAs(content)
    whole = np.frombuffer(content, np.uint8)
    positions = []
    for index in range(model.BuffersLength()):
        data = model.Buffers(index).DataAsNumpy()
        if isinstance(data, np.ndarray) and data.size:
            positions.append(data.__array_interface__["data"][0] - whole.ctypes.data)
    return positions


def test_packing_keeps_everything_and_aligns_data(tflite_models):
    content = tflite_models.conv_model()
    packed = pack_model(unpack_model(content))
    before, after = read_graph(content), read_graph(packed)
    assert after.subgraphs == before.subgraphs
    assert packed[4:8] == FILE_IDENTIFIER
    positions = data_positions(packed)
    assert len(positions) == 3  # weights, bias, shape
    assert all(position % 16 == 0 for position in positions)
    assert pack_model(unpack_model(packed)) == packed


def test_packing_a_real_model_keeps_it(test_data):
    content = (test_data / "ic_ref_int8.tflite").read_bytes()
    packed = pack_model(unpack_model(content))
    assert read_graph(packed).subgraphs == read_graph(content).subgraphs
    assert all(position % 16 == 0 for position in data_positions(packed))


@pytest.mark.parametrize("content", [b"", b"TFL3", b"\x1c\x00\x00\x00TFL4" + bytes(40), bytes(64)])
def test_other_bytes_are_no_model(content):
    with pytest.raises(MalformedModelError, match="file identifier is missing") as caught:
        unpack_model(content)
    assert "TFL3" in caught.value.hint


def test_a_model_without_subgraphs_is_malformed(tflite_models):
    model = unpack_model(tflite_models.conv_model())
    model.subgraphs = []
    with pytest.raises(MalformedModelError, match="no subgraph"):
        unpack_model(pack_model(model))


def test_weights_beyond_the_end_are_cut_off(tflite_models):
    model = unpack_model(tflite_models.conv_model())
    model.buffers[1].data, model.buffers[1].offset, model.buffers[1].size = None, 5000, 360
    with pytest.raises(MalformedModelError, match="weights are cut off"):
        unpack_model(pack_model(model))
