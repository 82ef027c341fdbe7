"""Every engine gets the same inputs: raw ones, and what they stand for in the source's axes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks.engines import EngineCase
from edgekit.benchmarks.engines.case import real_values


def test_source_samples_are_what_the_raw_ones_stand_for(case, tflite_models):
    raw, real = case.samples[0], case.source_samples()[0]
    assert {name: value.dtype.name for name, value in real.items()} == dict.fromkeys(
        "ab", "float32"
    )
    for name, spec in (("a", tflite_models.PAIR_A), ("b", tflite_models.PAIR_B)):
        wanted = np.float32(spec["scale"]) * (raw[name].astype(np.float32) - spec["zero_point"])
        np.testing.assert_array_equal(real[name], wanted)


def test_token_ids_get_the_type_of_the_source(tflite_models, tmp_path):
    manifest = tflite_models.tokens_bundle(tmp_path / "tokens.edgekit").manifest
    ids = np.array([[1, 0, 3]], np.int32)
    case = EngineCase("tokens", b"", manifest.inputs, manifest.outputs, ({"ids": ids},))
    (sample,) = case.source_samples()
    assert sample["ids"].dtype == np.int64
    np.testing.assert_array_equal(sample["ids"], ids)


@given(axes=st.permutations(range(4)), shape=st.lists(st.integers(1, 3), min_size=4, max_size=4))
def test_axes_are_those_of_the_source(tflite_models, axes, shape):
    # An array of the source, moved into the model's axes as the build moves them.
    source = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    spec = tflite_models.spec("x", "float32", source.transpose(axes).shape, axes=axes)
    assert spec.source_shape == source.shape
    np.testing.assert_array_equal(real_values(spec, source.transpose(axes)), source)


def test_a_case_is_frozen(case):
    with pytest.raises(AttributeError):
        case.threads = 2
    assert replace(case, threads=2).threads == 2
