"""Generated processing gives the runtime's integers and values, bit for bit."""

import ctypes
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.bundle import ImagePreprocessing
from edgekit.converters.c import COptions, generate_c
from edgekit.packaging.mcu.processing import processing_files
from edgekit.runtime.preprocessing import normalise
from edgekit.runtime.quantization import dequantize, quantize

STRICT = ("-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")
SPECIAL = [0.0, -0.0, 0.5, -0.5, 1.5, np.inf, -np.inf, 1e30, -1e30, 0.49999997, 0.0039062498]


def loaded(bundle, folder, name="m"):
    """Return the library and its processing, compiled and loaded."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    library = generate_c(bundle.model, COptions(name))
    files = {**library.files, **processing_files(library, bundle)}
    for path, text in files.items():
        (folder / path).write_text(text)
    target = folder / "library.so"
    command = ["gcc", *STRICT, "-shared", "-fPIC", f"{name}_processing.c", "-o", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    return library, ctypes.CDLL(str(target))


def called(function, values, result):
    array = np.ascontiguousarray(values)
    function(array.ctypes.data_as(ctypes.c_void_p), result.ctypes.data_as(ctypes.c_void_p))
    return result


@pytest.fixture(scope="module")
def classifier(tflite_models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("processing")
    image = ImagePreprocessing(mean=(120.0, 127.5, 100.25), std=(127.5, 60.0, 58.4))
    bundle = tflite_models.conv_bundle(folder / "tiny.edgekit", image=image)
    return bundle, *loaded(bundle, folder)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_real_values_become_the_runtimes_integers(classifier, data):
    _, library, code = classifier
    (tensor,) = library.inputs
    floats = st.sampled_from(SPECIAL) | st.floats(-2.0, 2.0, width=32)
    halves = st.integers(-300, 300).map(lambda step: (step + 0.5) * tensor.scale)
    values = data.draw(st.lists(floats | halves, min_size=72, max_size=72))
    real = np.array(values, np.float32).reshape(tensor.shape)
    found = called(code.m_quantize_input, real, np.zeros(tensor.shape, np.int8))
    expected = quantize(real, "int8", tensor.scale, tensor.zero_point)
    np.testing.assert_array_equal(found, expected)


def test_not_a_number_is_the_lowest_integer(classifier):
    _, library, code = classifier
    real = np.full(library.inputs[0].shape, np.nan, np.float32)
    found = called(code.m_quantize_input, real, np.zeros(real.shape, np.int8))
    assert (found == -128).all()


def test_every_pixel_becomes_the_runtimes_integer(classifier):
    bundle, library, code = classifier
    (tensor,) = library.inputs
    image = bundle.manifest.inputs[0].image
    for first in range(0, 256, 24):
        values = (first + np.arange(24)).clip(0, 255).astype(np.uint8)
        picture = np.repeat(values.reshape(1, 4, 6, 1), 3, axis=3)
        found = called(code.m_pixels_to_input, picture, np.zeros(tensor.shape, np.int8))
        real = normalise(picture, image)
        np.testing.assert_array_equal(
            found, quantize(real, "int8", tensor.scale, tensor.zero_point)
        )


def test_integers_become_the_runtimes_values(classifier):
    _, library, code = classifier
    (tensor,) = library.outputs
    for start in range(-128, 124, 5):
        integers = np.arange(start, start + 5, dtype=np.int8).reshape(tensor.shape)
        found = called(code.m_dequantize_output, integers, np.zeros(tensor.shape, np.float32))
        expected = dequantize(integers, tensor.scale, tensor.zero_point)
        np.testing.assert_array_equal(found, expected)


def test_the_largest_is_the_first_of_equals(classifier):
    _, _, code = classifier
    scores = np.array([[-3, 7, 7, -128, 2]], np.int8)
    code.m_largest_output.restype = ctypes.c_size_t
    assert code.m_largest_output(scores.ctypes.data_as(ctypes.c_void_p)) == 1


def test_one_table_serves_channels_that_are_alike(tflite_models, tmp_path):
    bundle = tflite_models.conv_bundle(tmp_path / "tiny.edgekit")
    library = generate_c(bundle.model, COptions("m"))
    source = processing_files(library, bundle)["m_processing.c"]
    assert "input_of_pixel[1][256]" in source
    assert "input_of_pixel[0][pixels[i]]" in source


def test_without_a_declared_picture_there_is_no_table(tflite_models, tmp_path):
    bundle = tflite_models.conv_bundle(tmp_path / "tiny.edgekit", image=None)
    library = generate_c(bundle.model, COptions("m"))
    assert "m_pixels_to" not in processing_files(library, bundle)["m_processing.h"]


def test_several_tensors_are_numbered_as_in_the_header(tflite_models, tmp_path):
    bundle = tflite_models.pair_bundle(tmp_path / "pair.edgekit")
    library, code = loaded(bundle, tmp_path)
    assert [item.c_name for item in library.inputs] == ["M_INPUT_0", "M_INPUT_1"]
    for number, tensor in enumerate(library.inputs):
        real = np.array([[0.3, -1.2, 5.0, 400.0]], np.float32)
        quantizer = getattr(code, f"m_quantize_input_{number}")
        found = called(quantizer, real, np.zeros((1, 4), np.int8))
        expected = quantize(real, "int8", tensor.scale, tensor.zero_point)
        np.testing.assert_array_equal(found, expected)
