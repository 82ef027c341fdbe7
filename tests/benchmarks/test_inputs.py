"""Random inputs that any model with the interface can take."""

import numpy as np
import pytest

from edgekit.benchmarks import InvalidOptionError, random_inputs
from edgekit.benchmarks.inputs import RANDOM_SETS


def test_types_shapes_and_ranges(tflite_models):
    spec = tflite_models.spec
    specs = [
        spec("i8", "int8", (50, 40), scale=0.1, zero_point=3),
        spec("u8", "uint8", (50, 40), scale=0.1, zero_point=3),
        spec("i16", "int16", (300, 400), scale=0.1, zero_point=0),
        spec("ids", "int32", (1, 64)),
        spec("wide", "int64", (1, 64)),
        spec("mask", "bool", (1, 64)),
        spec("x", "float32", (1, 2000)),
    ]
    sets = random_inputs(specs, seed=4)
    assert len(sets) == RANDOM_SETS
    for inputs in sets:
        for each in specs:
            assert inputs[each.name].dtype == each.dtype
            assert inputs[each.name].shape == each.shape
        ends = {name: (inputs[name].min(), inputs[name].max()) for name in inputs}
        assert ends["i8"] == (-128, 127)
        assert ends["u8"] == (0, 255)
        assert ends["i16"][0] < -32_700
        assert ends["i16"][1] > 32_700
        assert ends["ids"] == ends["wide"] == (0, 1)
        assert abs(inputs["x"].std() - 1) < 0.1


def test_the_seed_decides(tflite_models):
    specs = [tflite_models.spec("x", "int8", (1, 30), scale=1.0, zero_point=0)]
    first, again, other = (random_inputs(specs, seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a["x"], b["x"]) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0]["x"], other[0]["x"])
    assert not np.array_equal(first[0]["x"], first[1]["x"])


def test_a_type_without_random_values_is_refused(tflite_models):
    with pytest.raises(InvalidOptionError, match="the type of input 'text'"):
        random_inputs([tflite_models.spec("text", "object", (1,))], seed=0)
