"""Options: names, defaults, and combinations that make no sense."""

from dataclasses import replace

import pytest

from edgekit import BuildOptions
from edgekit.build_options import OptionError
from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.request import CalibrationMethod
from edgekit.errors import UnknownNameError


@pytest.mark.parametrize(
    ("scheme", "io"),
    [
        (Scheme.INT8, Io.INT8),
        (Scheme.INT16X8, Io.INT16),
        (Scheme.MIXED, Io.INT8),
        (Scheme.DYNAMIC, Io.FLOAT32),
        (Scheme.FLOAT16, Io.FLOAT32),
        (Scheme.FLOAT32, Io.FLOAT32),
    ],
)
def test_each_scheme_has_an_interface_of_its_own(scheme, io):
    options = BuildOptions(scheme=scheme)
    assert options.interface is io
    assert options.needs_calibration == (scheme in {Scheme.INT8, Scheme.INT16X8, Scheme.MIXED})


def test_the_default_is_full_integer():
    assert (BuildOptions().scheme, BuildOptions().interface) == (Scheme.INT8, Io.INT8)


ALLOWED = {
    ("int8", "int8"),
    ("int8", "uint8"),
    ("int8", "float32"),
    ("int16x8", "int16"),
    ("int16x8", "float32"),
    ("mixed", "int8"),
    ("mixed", "uint8"),
    ("mixed", "float32"),
    ("dynamic", "float32"),
    ("float16", "float32"),
    ("float32", "float32"),
}


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize("io", Io)
def test_interfaces_that_a_scheme_can_have(scheme, io):
    if (scheme, io) in ALLOWED:
        assert BuildOptions(scheme=scheme, io=io).interface is io
    else:
        with pytest.raises(OptionError, match=f"--io {io} does not go with --scheme {scheme}"):
            BuildOptions(scheme=scheme, io=io)


def test_plain_names_stand_for_schemes_and_interfaces():
    """From Python they come as strings as often as not; 'float32' must not be quantized."""
    options = BuildOptions(scheme="float32", io="float32")
    assert options.scheme is Scheme.FLOAT32
    assert options.io is Io.FLOAT32
    assert replace(options, scheme="int8").scheme is Scheme.INT8
    assert replace(options, calibration_method="mse").calibration_method is CalibrationMethod.MSE


@pytest.mark.parametrize(
    ("options", "words", "near"),
    [
        ({"scheme": "int88"}, "unknown scheme 'int88'", "int8"),
        ({"scheme": "float-16"}, "unknown scheme 'float-16'", "float16"),
        ({"calibration_method": "kl"}, "unknown calibration method 'kl'", "entropy"),
        ({"io": "uint-8"}, "unknown interface type 'uint-8'", "uint8"),
    ],
)
def test_unknown_names_offer_the_nearest(options, words, near):
    with pytest.raises(UnknownNameError, match=words) as caught:
        BuildOptions(**options)
    assert near in caught.value.hint


@pytest.mark.parametrize("count", [0, -1])
def test_at_least_one_sample_calibrates(count):
    with pytest.raises(OptionError, match=f"--calibration-count is {count}"):
        BuildOptions(calibration_count=count)


def test_labels_belong_to_samples():
    with pytest.raises(OptionError, match="--labels came without samples"):
        BuildOptions(labels=[1, 2])
    BuildOptions(labels=[1, 2], calibration_data="data.npz")
    BuildOptions(labels=[1, 2], evaluation_data="data.npz")


def test_int16_nodes_belong_to_mixed():
    BuildOptions(scheme=Scheme.MIXED, int16=["*attn*"])
    with pytest.raises(OptionError, match="--int16 does not go with --scheme int8"):
        BuildOptions(int16=["*attn*"])


def test_the_ladder_belongs_to_our_engine_and_to_integer_activations():
    assert BuildOptions(climb=True).climb
    with pytest.raises(OptionError, match="--climb does not go with --scheme float16"):
        BuildOptions(climb=True, scheme=Scheme.FLOAT16)
    with pytest.raises(OptionError, match="--climb does not go with --engine onnx2tf"):
        BuildOptions(climb=True, engine="onnx2tf")


def test_mixed_belongs_to_our_engine():
    with pytest.raises(OptionError, match="--scheme mixed does not go with --engine onnx2tf"):
        BuildOptions(scheme=Scheme.MIXED, engine="onnx2tf")


@pytest.mark.parametrize("scheme", Scheme)
def test_low_bit_weights_stand_beside_int8_data(scheme):
    if scheme in {Scheme.INT8, Scheme.MIXED}:
        assert BuildOptions(scheme=scheme, low_bit_weights=True).low_bit_weights
    else:
        with pytest.raises(OptionError, match=f"--low-bit-weights does not go with .* {scheme}"):
            BuildOptions(scheme=scheme, low_bit_weights=True)


def test_low_bit_weights_need_our_engine():
    with pytest.raises(OptionError, match="--low-bit-weights does not go with --engine onnx2tf"):
        BuildOptions(engine="onnx2tf", low_bit_weights=True)
