"""The CMake project: built and run on the host, built for a Cortex-M4."""

import shutil
import subprocess

import numpy as np
import pytest

CROSS = """\
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR cortex-m4)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_FLAGS_INIT "-mcpu=cortex-m4 -mthumb")
set(CMAKE_EXE_LINKER_FLAGS_INIT "--specs=rdimon.specs")
"""
STRICT = "-Wall -Wextra -Wpedantic -Wconversion -Werror"
PARENT = """\
cmake_minimum_required(VERSION 3.13)
project(firmware LANGUAGES C)
add_subdirectory({package} tiny)
add_executable(firmware main.c)
target_link_libraries(firmware PRIVATE edgekit::tiny)
"""

pytestmark = [
    pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")
    for tool in ("cmake", "gcc")
]


def run(*command):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(source, folder, *options):
    run("cmake", "-S", source, "-B", folder, f"-DCMAKE_C_FLAGS={STRICT}", *options)
    run("cmake", "--build", folder)


def test_the_example_prints_what_the_golden_interpreter_computes(
    package, library, tflite_models, tmp_path
):
    micro = pytest.importorskip("tflite_micro", reason="the golden interpreter is not installed")
    build(package, tmp_path, "-DTINY_EXAMPLE=ON")
    golden = micro.runtime.Interpreter.from_bytes(tflite_models.conv_model())
    golden.set_input(np.zeros(library.inputs[0].shape, np.int8), 0)
    golden.invoke()
    printed = run(tmp_path / "tiny_example").split()
    assert [int(value) for value in printed] == golden.get_output(0).ravel().tolist()


def test_it_is_added_to_another_project(package, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(PARENT.format(package=package))
    (tmp_path / "main.c").write_text('#include "tiny.h"\nint main(void) { return TINY_OK; }\n')
    build(tmp_path, tmp_path / "build")
    run(tmp_path / "build" / "firmware")


@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="no Arm compiler")
def test_it_is_built_for_a_microcontroller(package, tmp_path):
    toolchain = tmp_path / "arm.cmake"
    toolchain.write_text(CROSS)
    options = (f"-DCMAKE_TOOLCHAIN_FILE={toolchain}", "-DTINY_EXAMPLE=ON")
    run("cmake", "-S", package, "-B", tmp_path / "build", *options)
    run("cmake", "--build", tmp_path / "build")
    run("arm-none-eabi-size", tmp_path / "build" / "tiny_example")
