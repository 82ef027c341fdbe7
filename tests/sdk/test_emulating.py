"""A bundle on an emulated board answers what its interpreter answers, and is counted."""

import dataclasses
import hashlib

import numpy as np
import pytest

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.emulator import (
    EmulationOptions,
    EmulatorError,
    MemoryOverflowError,
    load_core,
)
from edgekit.benchmarks.emulator.toolchain import require_tools
from edgekit.device_profiles import Sourced, load_profile
from edgekit.emulating import emulate_bundle
from edgekit.errors import EdgekitError
from edgekit.runtime import Kernels, Model


@pytest.fixture(autouse=True)
def _tools():
    for core in ("cortex-m4", "rv32imc"):
        try:
            require_tools(load_core(core))
        except EmulatorError as error:
            pytest.skip(str(error))


@pytest.fixture
def bundle(tmp_path, tflite_models):
    return tflite_models.conv_bundle(tmp_path / "tiny.edgekit", labels=tflite_models.CONV_LABELS)


def raw(bundle, count):
    generator = np.random.default_rng(0)
    specs = bundle.manifest.inputs
    return [
        {spec.name: generator.integers(-128, 128, spec.shape, spec.dtype) for spec in specs}
        for _ in range(count)
    ]


def interpreted(bundle, inputs):
    """Return raw outputs by LiteRT's reference kernels, which agree with TFLM here."""
    outputs = {spec.name: np.empty(spec.shape, spec.dtype) for spec in bundle.manifest.outputs}
    found = {name: [] for name in outputs}
    with Model(bundle, kernels=Kernels.REFERENCE) as model:
        for sample in inputs:
            model.run_into(sample, outputs)
            for name, value in outputs.items():
                found[name].append(value.copy())
    return {name: np.stack(values) for name, values in found.items()}


@pytest.mark.parametrize("device", ["nucleo-l4r5zi", "esp32-c3-devkitm-1"])
def test_outputs_are_the_interpreters(bundle, device):
    inputs = raw(bundle, 10)
    expected = interpreted(bundle, inputs)
    labels = expected["scores"].reshape(10, -1).argmax(axis=1)
    labels[0] = (labels[0] + 1) % 2
    emulation = emulate_bundle(bundle, device, inputs=inputs, labels=labels)
    result = emulation.result
    np.testing.assert_array_equal(emulation.outputs["scores"], expected["scores"])
    assert result.outputs_sha256 == hashlib.sha256(expected["scores"].tobytes()).hexdigest()
    assert (result.correct, len(result.instructions)) == (9, 10)
    assert (result.device, result.inputs) == (device, "given, 10 samples")
    assert len(result.layers) > 1
    assert (result.latency is None) == (device != "nucleo-l4r5zi")
    assert type(result).from_json(result.to_json()) == result


def test_tensors_are_found_by_name(tmp_path, tflite_models):
    pair = tflite_models.pair_bundle(tmp_path / "pair.edgekit")
    inputs = raw(pair, 6)
    emulation = emulate_bundle(pair, "nucleo-l4r5zi", inputs=inputs)
    expected = interpreted(pair, inputs)
    for name, values in emulation.outputs.items():
        np.testing.assert_array_equal(values, expected[name])


def test_random_inputs_are_said_to_be(bundle):
    result = emulate_bundle(bundle, "nucleo-l4r5zi", EmulationOptions("-Os", seed=3)).result
    assert (result.inputs, result.correct) == ("random, seed 3", None)
    assert "top_1" not in result.measurements()


def test_what_does_not_go_together_is_refused(bundle):
    with pytest.raises(InvalidOptionError, match="labels is 2"):
        emulate_bundle(bundle, "nucleo-l4r5zi", inputs=raw(bundle, 1), labels=[0, 1])
    with pytest.raises(InvalidOptionError, match="inputs is"):
        emulate_bundle(bundle, "nucleo-l4r5zi", inputs=[{"other": np.zeros(1)}])
    with pytest.raises(EdgekitError, match="no microcontroller"):
        emulate_bundle(bundle, "pixel-8")


def test_a_device_that_is_too_small_says_by_how_many_bytes(bundle):
    board = load_profile("nucleo-l4r5zi")
    small = dataclasses.replace(board, ram_bytes=Sourced(4096, "a test"))
    with pytest.raises(MemoryOverflowError, match=r"over RAM by \d+ bytes"):
        emulate_bundle(bundle, small)
