"""C on every emulated core answers what TensorFlow Lite Micro answers, byte for byte."""

import numpy as np
import pytest

from edgekit.benchmarks.emulator import EmulatorError, core_names, load_core
from edgekit.benchmarks.emulator.toolchain import require_tools
from edgekit.converters.c import Isa


@pytest.fixture(scope="module")
def boards(script):
    """The script, where everything is installed that it needs."""
    pytest.importorskip("tflite_micro")
    for core in core_names():
        try:
            require_tools(load_core(core))
        except EmulatorError as error:
            pytest.skip(str(error))
    return script("emulated_boards")


@pytest.fixture(scope="module")
def small_case(boards, tflite_models):
    """A small classifier: convolution, pooling, dense layer, softmax."""
    model = tflite_models.conv_model()
    shape = (20, *tflite_models.CONV_SHAPE[1:])
    raw = np.random.default_rng(0).integers(-128, 128, shape, np.int8)
    return boards.case("small", model, raw)


@pytest.mark.parametrize("core", core_names())
def test_a_small_model_on_every_core_with_all_its_kernels(boards, small_case, core):
    for isa in boards.isas(core):
        row = boards.run(small_case, core, isa)
        assert (row.identical, row.samples) == (20, 20)
        assert (row.core, row.isa) == (core, str(isa))


def test_cores_run_what_they_have(boards):
    assert boards.isas("cortex-m55") == (Isa.MVE, Isa.DSP, Isa.PORTABLE)
    assert boards.isas("cortex-m4") == (Isa.DSP, Isa.PORTABLE)
    assert boards.isas("rv32imc") == (Isa.PORTABLE,)


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("kws", "cortex-m0plus"),
        ("kws", "cortex-m4"),
        ("kws", "cortex-m55"),
        ("ic", "cortex-m7"),
        ("ad", "cortex-m33"),
        ("ad", "rv32imc"),
    ],
)
def test_reference_models(boards, test_data, name, core):
    row = boards.run(boards.reference(name, test_data, 3), core, boards.isas(core)[0])
    assert (row.identical, row.samples) == (3, 3)
    assert row.top_1 == row.top_1_tflm
