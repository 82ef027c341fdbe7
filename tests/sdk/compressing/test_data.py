"""Labelled samples are checked against the module before anything trains."""

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.compressing import CompressionError
from edgekit.compressing.data import divide

X = np.arange(40, dtype=np.float32).reshape(10, 4)
Y = np.arange(10) % 3


def halves(data, module=None):
    return divide(data, module or nn.Linear(4, 3), held_out=0.3, seed=0)


def test_every_sample_is_on_one_side_with_its_class():
    data = halves((X, Y))
    assert (len(data.x), len(data.held_out_x)) == (7, 3)
    both = torch.cat([data.x, data.held_out_x]).numpy()
    classes = torch.cat([data.y, data.held_out_y]).numpy()
    rows = (both[:, 0] / 4).astype(int)
    assert sorted(rows) == list(range(10))
    np.testing.assert_array_equal(classes, Y[rows])


def test_the_division_follows_the_seed():
    one, same, other = (divide((X, Y), nn.Linear(4, 3), held_out=0.3, seed=s) for s in (1, 1, 2))
    assert torch.equal(one.x, same.x)
    assert not torch.equal(one.x, other.x)


def test_doubles_become_floats():
    assert halves((X.astype(np.float64), Y.astype(np.uint8))).x.dtype == torch.float32


NAN = np.where(X == 5, np.nan, X)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (X, "no pair"),
        ((X, Y[:9]), "x has 10 samples and y 9 classes"),
        ((NAN, Y), "1 values that are NaN"),
        ((X[:, 0], Y), r"x is float32 of shape \(10,\)"),
        ((X.astype(str), Y), "x is <U"),
        ((X, Y.astype(np.float32)), "y is float32"),
        ((X, Y[:, None]), r"y is int64 of shape \(10, 1\)"),
        ((X[:, :3], Y), "cannot be run on"),
        ((X, Y + 1), "the class 3, but the module has 3 scores"),
        ((X, Y - 1), "the class -1"),
        ((X[:2], Y[:2]), "2 samples cannot be divided"),
    ],
)
def test_what_does_not_fit_is_refused(data, message):
    with pytest.raises(CompressionError, match=message) as caught:
        halves(data)
    assert caught.value.hint


def test_outputs_have_to_be_scores():
    with pytest.raises(CompressionError, match=r"where \(samples, classes\) is needed") as caught:
        halves((X, Y), nn.Sequential(nn.Linear(4, 3), nn.Unflatten(1, (3, 1))))
    assert "train=callable" in caught.value.hint
