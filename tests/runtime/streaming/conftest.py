"""Bundles with memory: a state that is added to, real or quantized."""

import pytest


@pytest.fixture
def accumulator(tmp_path, tflite_models):
    """Make a bundle of ``total = x + sum_in``, all of shape [1, 2]; a type and scales to choose."""
    schema, spec = tflite_models.schema, tflite_models.spec

    def make(dtype="float32", given=None, result=None, shape=(1, 2)):
        given, result = given or {}, result or {}
        build = tflite_models.Builder()
        x = build.tensor("x", shape, dtype, **given)
        state = build.tensor("sum_in", shape, dtype, **given)
        total = build.tensor("total", shape, dtype, **result)
        build.op("ADD", [x, state], [total], schema.AddOptionsT(), version=2)
        build.inputs, build.outputs = [x, state], [total]
        return tflite_models.bundle(
            tmp_path / "sum.edgekit",
            build.build(),
            [spec("x", dtype, shape, **given), spec("sum_in", dtype, shape, **given)],
            [spec("total", dtype, shape, **result)],
        )

    return make
