"""Whole models by DSP and Helium instructions, on the emulated cores that have them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from edgekit.converters.c import COptions, Isa, generate_c

CLANG = {
    Isa.DSP: ["--target=thumbv7em-none-eabihf", "-mcpu=cortex-m4"],
    Isa.MVE: ["--target=thumbv8.1m.main-none-eabihf", "-mcpu=cortex-m55"],
}


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
    models = c_cases.models_of(c_libraries, c_cases.chain, range(24))
    c_boards.assert_all_golden(c_libraries, models, isa)


def test_portable_layers_that_run_in_place_are_golden(c_libraries, c_cases):
    c_cases.assert_golden_on_the_host(c_libraries, c_cases.chain, range(48))


@pytest.mark.parametrize("isa", [Isa.DSP, Isa.MVE])
def test_clang_has_no_warnings(isa, c_libraries, c_cases, tmp_path):
    includes = newlib()
    for number, case in enumerate((c_cases.convolution, c_cases.depthwise, c_cases.addition)):
        for model in c_cases.models_of(c_libraries, case, range(24)):
            library = generate_c(model, COptions(f"model_{number}", isa))
            for source in c_libraries.write_sources(library, tmp_path):
                flags = [*c_libraries.STRICT, "-O2", "-isystem", includes, "-c", "-o", "out.o"]
                command = ["clang", *CLANG[isa], *flags, source]
                done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
                assert done.returncode == 0, done.stderr


def newlib():
    """Return the folder of the C library's headers, for a compiler that has none of its own."""
    if shutil.which("clang") is None or shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("clang or arm-none-eabi-gcc is not installed")
    command = ["arm-none-eabi-gcc", "-print-file-name=libc.a"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Path(done.stdout.strip()).resolve().parents[1] / "include"
