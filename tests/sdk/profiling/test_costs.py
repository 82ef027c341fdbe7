"""Work and bytes of operators, counted by hand."""

from edgekit.converters.graph import read_graph
from edgekit.profiling.costs import macs, moved_bytes, multiplied_types

WEIGHTS, BIAS = 5 * 4 * 6 * 3, 5 * 4


def test_each_tensor_counts_once(tflite_models):
    graph = read_graph(tflite_models.conv_model())
    assert macs(graph, [0]) == WEIGHTS  # one output pixel
    assert moved_bytes(graph, [0]) == 4 * 6 * 3 + WEIGHTS + BIAS + 5
    assert moved_bytes(graph, [1]) == 5 + 2 * 4 + 5
    assert moved_bytes(graph, [2]) == 5 + 5


def test_what_stays_inside_of_a_partition_is_not_moved(tflite_models):
    graph = read_graph(tflite_models.conv_model())
    assert macs(graph, [0, 1, 2]) == WEIGHTS
    assert moved_bytes(graph, [0, 1, 2]) == 4 * 6 * 3 + WEIGHTS + BIAS + 2 * 4 + 5


def test_types_are_those_of_what_is_multiplied(tflite_models, tmp_path):
    assert multiplied_types(read_graph(tflite_models.conv_model())) == ("INT8",)
    float_model = tflite_models.float_bundle(tmp_path / "float.edgekit").model
    assert multiplied_types(read_graph(float_model)) == ()
