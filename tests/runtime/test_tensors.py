"""Raw tensors are exactly of their type and shape, and found by name."""

import numpy as np
import pytest

from edgekit.runtime import ValueMismatchError
from edgekit.runtime.tensors import RawTensor, by_name


@pytest.fixture
def raws(tflite_models):
    return [
        RawTensor("output", tflite_models.spec("a", "int8", (1, 2), scale=1.0, zero_point=0)),
        RawTensor("output", tflite_models.spec("b", "float32", (3,))),
    ]


def test_exactly_the_type_and_shape_pass(raws):
    raws[0].check(np.zeros((1, 2), np.int8), writeable=True)
    raws[1].check(np.broadcast_to(np.float32(1), (3,)))  # read-only


@pytest.mark.parametrize(
    ("array", "match"),
    [
        (np.zeros(3, np.float64), r"output 'b': a float64 array of shape \(3,\) was given"),
        (np.zeros(3, ">f4"), "a >f4 array"),
        (np.zeros((1, 3), np.float32), r"exactly float32 of shape \(3,\) is taken"),
        (np.broadcast_to(np.float32(1), (3,)), "a read-only float32 array"),
        ([1.0, 2.0, 3.0], "a list was given"),
    ],
)
def test_anything_else_is_refused(raws, array, match):
    with pytest.raises(ValueMismatchError, match=match):
        raws[1].check(array, writeable=True)


def test_values_come_in_the_order_of_the_tensors(raws):
    assert list(by_name("output", raws, {"b": 2, "a": 1})) == [1, 2]
    assert list(by_name("output", raws[:1], {"a": 1})) == [1]
    assert list(by_name("output", raws[:1], 1)) == [1]


@pytest.mark.parametrize(
    ("given", "match"),
    [
        (1, "outputs: the model has 2: a, b"),
        ({"a": 1}, "output 'b': it was not given"),
        ({"a": 1, "b": 2, "c": 3}, "output 'c': the model has none of this name"),
    ],
)
def test_names_must_be_all_and_only_the_models(raws, given, match):
    with pytest.raises(ValueMismatchError, match=match):
        by_name("output", raws, given)
