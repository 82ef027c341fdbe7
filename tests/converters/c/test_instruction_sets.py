"""Whole models by DSP and Helium instructions, on the emulated cores that have them."""

import pytest

from edgekit.converters.c import COptions, Isa, generate_c


@pytest.mark.parametrize("isa", [Isa.DSP, Isa.MVE])
@pytest.mark.parametrize("name", ["kws", "ic", "ad"])
def test_a_reference_model_is_golden(name, isa, test_data, c_libraries, c_boards):
    model = (test_data / f"{name}_ref_int8.tflite").read_bytes()
    c_boards.assert_golden(c_libraries, model, isa)


@pytest.mark.parametrize("optimisation", ["-O0", "-Os", "-O3"])
@pytest.mark.parametrize("core", ["cortex-m7", "cortex-m33", "cortex-m55"])
def test_optimisation_does_not_change_bytes(core, optimisation, test_data, c_libraries, c_boards):
    model = (test_data / "kws_ref_int8.tflite").read_bytes()
    isa = Isa.MVE if core == "cortex-m55" else Isa.DSP
    c_boards.assert_golden(c_libraries, model, isa, runs=1, core=core, optimisation=optimisation)


@pytest.mark.parametrize(("name", "most"), [("kws", 10_000), ("ic", 34_000), ("ad", 900)])
@pytest.mark.parametrize("isa", [Isa.DSP, Isa.MVE])
def test_arenas_stay_small(name, most, isa, test_data):
    model = (test_data / f"{name}_ref_int8.tflite").read_bytes()
    assert generate_c(model, COptions("m", isa)).arena_bytes <= most


@pytest.mark.parametrize("isa", [Isa.DSP, Isa.MVE])
def test_layers_that_run_in_place_are_golden(isa, c_libraries, c_boards, c_cases):
    c_boards.assert_cases_golden(c_libraries, c_cases.chain, range(24), isa)
