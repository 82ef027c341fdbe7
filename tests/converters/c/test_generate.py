"""Whole models: the benchmark's reference models give TensorFlow Lite Micro's bytes."""

import ctypes

import numpy as np
import pytest

from edgekit.converters.c import COptions, generate_c
from edgekit.converters.c.errors import LibraryNameError
from edgekit.converters.contract import ContractError

each_model = pytest.mark.parametrize("name", ["kws", "ic", "ad"])


@each_model
def test_a_reference_model_is_golden(name, test_data, c_libraries):
    model = (test_data / f"{name}_ref_int8.tflite").read_bytes()
    c_libraries.assert_golden([model], runs=10)


@each_model
def test_a_reference_model_does_its_work_within_its_arena(name, test_data, c_libraries, tmp_path):
    library = generate_c((test_data / f"{name}_ref_int8.tflite").read_bytes(), COptions("m"))
    assert library.static_bytes == 0
    assert library.plan.size_bytes <= library.arena_bytes
    assert set(library.files) == {"m.h", "m.c", "m_weights.h", "m_weights.c"}


def test_the_same_model_gives_the_same_text(test_data):
    model = (test_data / "ad_ref_int8.tflite").read_bytes()
    assert generate_c(model, COptions("m")) == generate_c(model, COptions("m"))


def test_wrong_calls_are_told(test_data, c_libraries, tmp_path):
    model = (test_data / "ad_ref_int8.tflite").read_bytes()
    [host] = c_libraries.load([generate_c(model, COptions("m"))], tmp_path)
    size, arena = host.library.arena_bytes, host.arena
    assert host.call("init", None, ctypes.c_size_t(size)) == 1
    assert host.call("init", ctypes.c_void_p(arena), ctypes.c_size_t(size - 1)) == 2
    assert host.call("init", ctypes.c_void_p(arena + 1), ctypes.c_size_t(size)) == 3
    assert host.call("input", ctypes.c_size_t(1), result=ctypes.c_void_p) is None
    assert host.call("output", ctypes.c_size_t(1), result=ctypes.c_void_p) is None
    host.model.value = None
    assert host.call("invoke") == 1


@pytest.mark.parametrize("name", ["", "Kws", "1kws", "k-w"])
def test_a_name_that_c_does_not_take_is_refused(name):
    with pytest.raises(LibraryNameError, match="is no name"):
        COptions(name)


def test_operators_without_a_kernel_are_named_all_at_once(tflite_models):
    builder = tflite_models.Builder()
    first, second, third = (builder.tensor(name, [4], "float32") for name in "abc")
    builder.op("FLOOR", [first], [second])
    builder.op("CEIL", [second], [third])
    builder.inputs, builder.outputs = [first], [third]
    with pytest.raises(ContractError) as caught:
        generate_c(builder.build(), COptions("m"))
    assert [item.subject for item in caught.value.violations] == ["FLOOR #0", "CEIL #1"]
    assert all("no C kernel" in item.particulars for item in caught.value.violations)


def test_the_layer_hook_counts_every_layer(test_data, c_libraries, tmp_path):
    model = (test_data / "kws_ref_int8.tflite").read_bytes()
    library = generate_c(model, COptions("m", layer_hook=True))
    source = library.files["m.c"]
    assert [f"m_on_layer({index});" in source for index in range(13)] == [True] * 13
    assert len(library.layers) == 12
    assert library.layers[0] == "CONV_2D #0"


def test_labels_are_a_macro_of_c_strings(test_data):
    model = (test_data / "ad_ref_int8.tflite").read_bytes()
    header = generate_c(model, COptions("m", labels=("yes", 'n"o', "né"))).files["m.h"]
    assert '#define M_LABELS { "yes", "n\\042o", "n\\303\\251" }' in header


def test_quantization_parameters_are_exact(test_data):
    model = (test_data / "kws_ref_int8.tflite").read_bytes()
    library = generate_c(model, COptions("m"))
    header = library.files["m.h"]
    scale = header.split("#define M_INPUT_SCALE ")[1].split("f\n")[0]
    assert np.float32(scale) == np.float32(library.inputs[0].scale)
    assert "#define M_INPUT_ZERO_POINT (83)\n" in header
    assert "#define M_INPUT_BYTES 490u\n" in header
