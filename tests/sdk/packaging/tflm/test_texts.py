"""The array compiles and is the model; the resolver registers each operator once."""

import re
import shutil
import subprocess

import pytest

from edgekit.device_profiles import load_profile
from edgekit.packaging import PackageOptions
from edgekit.packaging.tflm import package_for_tflm

pytest.importorskip("tflite_micro", reason="the golden interpreter is not installed")

PRINT = """\
#include <cstdio>
#include "tiny_model.h"
int main() {
    std::fwrite(tiny_model, 1, TINY_MODEL_BYTES, stdout);
    return reinterpret_cast<unsigned long long>(tiny_model) % TINY_ARENA_ALIGNMENT;
}
"""
STRICT = ("-std=c++14", "-Wall", "-Wextra", "-Wpedantic", "-Werror")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tflite_models):
    folder = tmp_path_factory.mktemp("tflm")
    bundle = tflite_models.conv_bundle(folder / "tiny.edgekit", labels=tflite_models.CONV_LABELS)
    package = package_for_tflm(bundle, PackageOptions(load_profile("nucleo-l4r5zi")))
    for name, content in package.files.items():
        (folder / name).write_bytes(content)
    return folder


def compiled(compiler, *arguments):
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    done = subprocess.run([compiler, *STRICT, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_array_is_the_model_and_aligned(folder, tflite_models, tmp_path):
    (tmp_path / "main.cc").write_text(PRINT)
    program = tmp_path / "main"
    compiled("g++", f"-I{folder}", tmp_path / "main.cc", folder / "tiny_model.cc", "-o", program)
    done = subprocess.run([program], capture_output=True)
    assert done.returncode == 0
    assert done.stdout == tflite_models.conv_model()


def test_the_array_compiles_for_a_microcontroller(folder, tmp_path):
    source, target = folder / "tiny_model.cc", tmp_path / "model.o"
    compiled("arm-none-eabi-g++", "-mcpu=cortex-m4", "-c", source, "-o", target)


def test_the_resolver_registers_each_operator_once(folder):
    source = (folder / "tiny_resolver.cc").read_text()
    assert re.findall(r"resolver\.(\w+)\(", source) == ["AddConv2D", "AddReshape", "AddSoftmax"]
    assert "MicroMutableOpResolver<3>" in (folder / "tiny_resolver.h").read_text()


def test_the_header_tells_quantization_and_labels(folder):
    header = (folder / "tiny_model.h").read_text()
    assert "#define TINY_INPUT_ZERO_POINT (-3)" in header
    assert "#define TINY_LABEL_COUNT 5u" in header
