"""A bundle packed for the interpreter: what is refused, what is told."""

from dataclasses import replace

import pytest

from edgekit.converters.contract import ContractError
from edgekit.device_profiles import load_profile
from edgekit.packaging import PackageOptions
from edgekit.packaging.errors import WrongDeviceKindError
from edgekit.packaging.tflm import package_for_tflm

pytest.importorskip("tflite_micro", reason="the golden interpreter is not installed")


@pytest.fixture
def bundle(tmp_path, tflite_models):
    return tflite_models.conv_bundle(tmp_path / "tiny.edgekit", labels=tflite_models.CONV_LABELS)


@pytest.fixture
def device():
    return load_profile("nucleo-l4r5zi")


def test_its_facts_are_those_of_the_model(bundle, device):
    package = package_for_tflm(bundle, PackageOptions(device))
    assert package.facts["operators"] == "CONV_2D, RESHAPE, SOFTMAX"
    assert package.facts["model_bytes"] == len(bundle.model)
    assert package.facts["tflm_sources_since"] == 2023
    assert str(package.facts["arena_method"]).startswith("estimated, ")
    assert set(package.files) == {
        "README.md",
        "tiny_model.cc",
        "tiny_model.h",
        "tiny_resolver.cc",
        "tiny_resolver.h",
    }


def test_a_phone_is_refused(bundle):
    with pytest.raises(WrongDeviceKindError):
        package_for_tflm(bundle, PackageOptions(load_profile("pixel-8")))


def test_a_small_device_is_told_how_many_bytes_are_missing(bundle, device):
    small = replace(device, ram_bytes=replace(device.ram_bytes, value=100))
    with pytest.raises(ContractError) as caught:
        package_for_tflm(bundle, PackageOptions(small))
    (violation,) = caught.value.violations
    package = package_for_tflm(bundle, PackageOptions(small, force=True))
    assert f"{package.facts['arena_bytes'] - 100:,} bytes over the 100" in violation.particulars


def test_an_operator_without_a_kernel_is_named(tmp_path, tflite_models, device):
    builder = tflite_models.Builder()
    x, y = (builder.tensor(name, [1, 4], "int8", scale=0.5) for name in ("x", "y"))
    builder.op("GELU", [x], [y])
    builder.inputs, builder.outputs = [x], [y]
    specs = [[tflite_models.spec(name, "int8", (1, 4), scale=0.5, zero_point=0)] for name in "xy"]
    bundle = tflite_models.bundle(tmp_path / "gelu.edgekit", builder.build(), *specs)
    with pytest.raises(ContractError, match="GELU #0"):
        package_for_tflm(bundle, PackageOptions(device))
