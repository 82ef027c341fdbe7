"""Each demand of a device: a graph that meets it and one that does not."""

from dataclasses import replace

import pytest

from edgekit.converters.contract import ContractContext, check_contract
from edgekit.converters.graph import DataType, Graph, Operator, Tensor
from edgekit.device_profiles import load_profile

DEVICES = (
    "pixel-8",
    "raspberry-pi-4b",
    "raspberry-pi-zero-2w",
    "nucleo-l4r5zi",
    "arduino-nano-33-ble-sense",
    "raspberry-pi-pico",
)


@pytest.fixture(scope="module")
def pico():
    return load_profile("raspberry-pi-pico")


@pytest.fixture(scope="module")
def pixel():
    return load_profile("pixel-8")


def with_runtime(device, **changes):
    """Return the device with facts of its runtime changed."""
    runtime = device.runtime
    facts = {
        name: value if value is None else replace(getattr(runtime, name), value=value)
        for name, value in changes.items()
    }
    return replace(device, runtime=replace(runtime, **facts))


@pytest.mark.parametrize("name", DEVICES)
def test_the_classifier_runs_everywhere(graph, edit, name):
    assert edit.broken(graph, load_profile(name)) == {}


def test_an_operator_that_the_runtime_lacks(graph, edit, pico, pixel):
    """TensorFlow Lite Micro has no kernel for it, LiteRT has."""
    changed = edit.operator(graph, "RESHAPE", kind="SEGMENT_SUM", version=1)
    found = edit.broken(changed, pico)
    assert set(found) == {"operator_is_supported"}
    text = str(found["operator_is_supported"])
    assert text.startswith("[raspberry-pi-pico] RESHAPE".replace("RESHAPE", "SEGMENT_SUM #1"))
    assert "TensorFlow Lite Micro has no SEGMENT_SUM" in text
    assert "operator_is_supported" not in edit.broken(changed, pixel)


def test_custom_operators_are_reported_once(graph, edit, pico):
    found = edit.broken(edit.operator(graph, "SOFTMAX", kind="Mine", is_custom=True), pico)
    assert set(found) == {"operator_is_built_in"}


def test_a_version_that_the_runtime_does_not_know(graph, edit, pico, pixel):
    newer = edit.operator(graph, "CONV_2D", version=99)
    found = edit.broken(newer, pixel)
    assert set(found) == {"operator_version_is_supported"}
    limit = pixel.runtime.max_version("CONV_2D")
    assert f"version 99, {pixel.runtime.title}" in str(found["operator_version_is_supported"])
    assert f"up to {limit}" in str(found["operator_version_is_supported"])
    assert edit.broken(edit.operator(graph, "CONV_2D", version=limit), pixel) == {}
    assert edit.broken(newer, pico) == {}  # TensorFlow Lite Micro does not look at versions


def test_a_type_that_a_kernel_does_not_take(graph, edit, pico):
    """SOFTMAX is written as int64 here, RESHAPE takes any type of the runtime."""
    found = edit.broken(edit.tensor(graph, "scores", dtype=DataType.INT64, quantization=None), pico)
    assert set(found) == {"operator_takes_the_type"}
    assert "SOFTMAX on int64" in str(found["operator_takes_the_type"])


def test_casts_are_judged_by_what_they_read(graph, edit, pico):
    """TensorFlow Lite Micro's DEQUANTIZE reads int8, and writes the float32 it cannot read."""
    cast = edit.operator(graph, "SOFTMAX", kind="DEQUANTIZE", version=1)
    right = edit.tensor(cast, "scores", dtype=DataType.FLOAT32, quantization=None)
    assert "operator_takes_the_type" not in edit.broken(right, pico, io="float32")
    wrong = edit.tensor(right, "flat", dtype=DataType.INT32, quantization=None)
    found = check_contract(wrong, ContractContext("float32", "float32"), [pico])
    assert any("DEQUANTIZE on int32" in str(item) for item in found)


@pytest.mark.parametrize("changes", [{"outputs": ()}, {"kind": "QUANTIZE", "inputs": ()}])
def test_operators_without_data_have_no_type(graph, edit, pico, changes):
    assert "operator_takes_the_type" not in edit.broken(
        edit.operator(graph, "SOFTMAX", **changes), pico
    )


def test_a_type_of_tensor_that_the_runtime_does_not_know(graph, edit, pico, pixel):
    half = edit.tensor(graph, "shape", dtype=DataType.FLOAT16)
    found = check_contract(half, ContractContext("float16", "int8"), [pico])
    mine = [item for item in found if item.constraint == "tensor_type_is_supported"]
    assert [(item.subject, item.particulars) for item in mine] == [
        ("tensor 'shape'", "type float16")
    ]
    found = check_contract(half, ContractContext("float16", "int8"), [pixel])
    assert "tensor_type_is_supported" not in {item.constraint for item in found}


@pytest.mark.parametrize("handle", [DataType.RESOURCE, DataType.VARIANT])
def test_handles_are_no_data(graph, edit, pico, handle):
    assert edit.broken(edit.tensor(graph, "shape", dtype=handle), pico) == {}


def test_per_channel_dense_weights_where_the_runtime_has_no_kernel(graph, edit, pico):
    dense = edit.operator(graph, "CONV_2D", kind="FULLY_CONNECTED", version=1)
    assert "fully_connected_is_per_tensor" not in edit.broken(dense, pico)
    older = with_runtime(pico, per_channel_fully_connected=False)
    found = edit.broken(dense, older)
    assert "w has 5 scales" in str(found["fully_connected_is_per_tensor"])
    assert edit.broken(graph, older) == {}  # convolutions are per channel everywhere
    single = edit.tensor(dense, "w", quantization={"scales": (0.001,), "zero_points": (0,)})
    assert "fully_connected_is_per_tensor" not in edit.broken(single, older)
    plain = edit.tensor(dense, "w", quantization=None)
    assert "fully_connected_is_per_tensor" not in edit.broken(plain, older)


def test_float_data_with_integer_weights(graph, edit, pico, pixel):
    """What the scheme dynamic makes; TensorFlow Lite Micro refuses to load it."""
    hybrid = edit.tensor(graph, "conv", dtype=DataType.FLOAT32, quantization=None)
    found = check_contract(hybrid, ContractContext("dynamic", "int8"), [pico, pixel])
    mine = [item for item in found if item.constraint == "data_and_weights_go_together"]
    assert [(item.subject, item.device) for item in mine] == [("CONV_2D #0", "raspberry-pi-pico")]
    assert mine[0].particulars.startswith("float data with INT8 weights")
    plain = edit.tensor(hybrid, "w", dtype=DataType.FLOAT32, quantization=None)
    names = {
        item.constraint
        for item in check_contract(plain, ContractContext("float32", "int8"), [pico])
    }
    assert "data_and_weights_go_together" not in names
    unmeasured = with_runtime(pico, hybrid_kernels=None)
    assert "data_and_weights_go_together" not in edit.broken(hybrid, unmeasured, scheme="dynamic")


def test_int4_weights_need_a_kernel_for_their_scales(graph, edit, pico, pixel):
    """TensorFlow Lite Micro's FULLY_CONNECTED takes INT4 with one scale only."""
    name = "four_bit_weights_have_a_kernel"
    dense = edit.operator(graph, "CONV_2D", kind="FULLY_CONNECTED", version=10)
    channels = {"scales": (0.1,) * 5, "zero_points": (0,) * 5, "axis": 0}
    several = edit.tensor(dense, "w", dtype=DataType.INT4, quantization=channels)
    found = edit.broken(several, pico)
    assert "w is INT4 with a scale a channel, which TensorFlow Lite Micro" in str(found[name])
    assert name not in edit.broken(several, pixel)
    one = {"scales": (0.1,), "zero_points": (0,), "axis": 0}
    single = edit.tensor(dense, "w", dtype=DataType.INT4, quantization=one)
    assert name not in edit.broken(single, pico)
    wide = edit.tensor(single, "conv", dtype=DataType.INT16)
    assert "on int16" in str(edit.broken(wide, pixel)[name])
    turned = edit.operator(several, "FULLY_CONNECTED", kind="TRANSPOSE_CONV", version=3)
    assert name in edit.broken(turned, pixel)
    unmeasured = with_runtime(pico, int4_weights_per_channel=None)
    assert name not in edit.broken(several, unmeasured)


def test_more_dimensions_than_the_runtime_can_hold(graph, edit, pico):
    assert pico.runtime.max_rank.value == 5
    shape = (1, 1, 1, 1, 1, 5)
    found = edit.broken(edit.tensor(graph, "flat", shape=shape), pico)
    assert set(found) == {"rank_is_supported"}
    assert "rank 6, at most 5" in str(found["rank_is_supported"])
    assert edit.broken(edit.tensor(graph, "flat", shape=shape[1:]), pico) == {}
    boundless = replace(pico, runtime=replace(pico.runtime, max_rank=None))
    assert edit.broken(edit.tensor(graph, "flat", shape=shape), boundless) == {}


@pytest.mark.parametrize("over", [0, 1, 12345])
def test_a_model_that_is_too_large_for_the_flash_by_so_many_bytes(graph, edit, pico, over):
    large = Graph(graph.subgraphs, pico.flash_bytes.value + over)
    found = edit.broken(large, pico)
    if not over:
        assert found == {}
        return
    assert set(found) == {"model_fits_memory"}
    violation = found["model_fits_memory"]
    assert violation.particulars == f"flash is {over} bytes short"
    assert (violation.subject, violation.device) == ("the model", "raspberry-pi-pico")
    assert not violation.is_float_island


def test_activations_that_are_too_large_for_the_ram(graph, edit, pico):
    ram = pico.ram_bytes.value
    main = graph.main
    tensors = (
        *main.tensors,
        Tensor(len(main.tensors), "big", (ram,), DataType.INT8, None, None, is_variable=True),
    )
    large = replace(graph, subgraphs=(replace(main, tensors=tensors),))
    particulars = edit.broken(large, pico)["model_fits_memory"].particulars
    # Beside it lives what the classifier itself needs at its widest place: its picture of 72
    # bytes and the 5 results of the convolution.
    assert particulars == "RAM is 77 bytes short"
    huge = Graph(large.subgraphs, pico.flash_bytes.value + 3)
    particulars = edit.broken(huge, pico)["model_fits_memory"].particulars
    assert particulars == "RAM is 77 bytes short and flash is 3 bytes short"


def test_on_linux_model_and_activations_share_the_ram(graph, edit):
    device = load_profile("raspberry-pi-zero-2w")
    large = Graph(graph.subgraphs, device.ram_bytes.value)
    assert edit.broken(large, device)["model_fits_memory"].particulars == "RAM is 77 bytes short"


def test_an_unknown_memory_is_no_violation(graph, edit, pico):
    unknown = replace(pico, flash_bytes=None)
    assert edit.broken(Graph(graph.subgraphs, 1 << 40), unknown) == {}


def test_operators_of_every_subgraph_are_checked(graph, edit, pico):
    body = replace(
        graph.main, operators=(Operator(0, "SEGMENT_SUM", 1, (0,), (3,), is_custom=False),)
    )
    found = edit.broken(Graph((graph.main, body), graph.size_bytes), pico)
    assert set(found) == {"operator_is_supported"}
