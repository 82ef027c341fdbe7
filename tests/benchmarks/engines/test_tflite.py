"""TFLite interpreters as engines: the bundle's own model, raw values in and out."""

import numpy as np
import pytest

from edgekit.benchmarks.engines import EngineUnavailableError, Form, open_engine
from edgekit.runtime import Kernels, Model, available_backends


@pytest.mark.parametrize("name", ["litert", "litert-builtin", "litert-reference"])
def test_it_gives_what_the_runtime_gives(name, pair, case):
    engine = open_engine(name)
    session = engine.prepare(case)
    outputs = {spec.name: np.empty(spec.shape, spec.dtype) for spec in case.outputs}
    with Model(pair, kernels=engine.kernels) as model:
        for index, sample in enumerate(case.samples):
            session.run(index)
            model.run_into(sample, outputs)
            made = session.outputs()
            assert made.keys() == outputs.keys()
            for key, value in outputs.items():
                np.testing.assert_array_equal(made[key], value)


def test_it_says_what_ran(case):
    description = open_engine("litert-reference").prepare(case).description
    assert description.package == "ai-edge-litert"
    assert description.version == available_backends()["ai-edge-litert"]
    assert (description.form, description.how) == (Form.BUNDLE, "reference kernels")
    assert open_engine("litert-reference").kernels is Kernels.REFERENCE


@pytest.mark.skipif("tflite-runtime" in available_backends(), reason="tflite-runtime is installed")
def test_a_package_that_is_not_installed_is_named(case):
    with pytest.raises(EngineUnavailableError, match="tflite-runtime is not installed") as raised:
        open_engine("tflite-runtime").prepare(case)
    assert raised.value.hint == "pip install tflite-runtime"
