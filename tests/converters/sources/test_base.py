"""Random samples for any model, and the first line of an error."""

import numpy as np
import pytest

from edgekit.converters.sources import SourceTensor, probe_sample
from edgekit.converters.sources.base import first_line

INPUTS = (
    SourceTensor("x", "float32", (1, 200)),
    SourceTensor("ids", "int64", (1, 50)),
    SourceTensor("mask", "bool", (1, 50)),
    SourceTensor("threshold", "float32", ()),
    SourceTensor("count", "int32", ()),
)


def test_a_probe_fits_the_inputs_and_is_the_same_for_the_same_seed():
    sample = probe_sample(INPUTS)
    assert list(sample) == [item.name for item in INPUTS]
    for item in INPUTS:
        assert isinstance(sample[item.name], np.ndarray)
        assert (sample[item.name].dtype.name, sample[item.name].shape) == (item.dtype, item.shape)
    assert set(np.unique(sample["ids"])) == {0, 1}
    assert sample["x"].min() < 0 < sample["x"].max()
    again, other = probe_sample(INPUTS), probe_sample(INPUTS, 1)
    np.testing.assert_array_equal(again["x"], sample["x"])
    assert not np.array_equal(other["x"], sample["x"])


def test_a_positive_probe_has_no_negative_values():
    sample = probe_sample(INPUTS, positive=True)
    assert sample["x"].min() >= 0
    assert sample["threshold"] >= 0
    assert sample["x"].dtype == np.float32


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("one\ntwo"), "one"),
        (ValueError("\n\n  late\nmore"), "late"),
        (ValueError(), "ValueError"),
        (ValueError("x" * 900), "x" * 300),
    ],
)
def test_the_first_line_of_an_error(error, line):
    assert first_line(error) == line
