"""Joining tensors and taking them apart gives the golden bytes."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def parts(lib, rng):
    """Return tensors that differ in one axis, the axis, and the tensor that they are together."""
    dtype = str(rng.choice(["int8", "int16"]))
    shape = rng.integers(1, 5, rng.integers(1, 5)).tolist()
    axis = int(rng.integers(len(shape)))
    sizes = rng.integers(1, 4, rng.integers(2, 5)).tolist()
    pieces = [lib.tensor([*shape[:axis], n, *shape[axis + 1 :]], dtype, scale=0.5) for n in sizes]
    whole = lib.tensor([*shape[:axis], sum(sizes), *shape[axis + 1 :]], dtype, scale=0.5)
    return pieces, axis, whole


def signed(rng, axis, rank):
    return axis - rank if rng.integers(2) else axis


def concatenation(lib, rng):
    pieces, axis, whole = parts(lib, rng)
    if rng.integers(2):
        pieces[0].data = lib.random_values(rng, pieces[0].dtype.lower(), pieces[0].shape)
    axis = signed(rng, axis, len(whole.shape))
    return Node("CONCATENATION", pieces, [whole], {"axis": axis, "fused_activation_function": 0})


def split_v(lib, rng):
    pieces, axis, whole = parts(lib, rng)
    sizes = lib.tensor((len(pieces),), "int32", data=[item.shape[axis] for item in pieces])
    where = lib.tensor((), "int32", data=signed(rng, axis, len(whole.shape)))
    return Node("SPLIT_V", [whole, sizes, where], pieces, {"num_splits": len(pieces)})


def split(lib, rng):
    _, axis, whole = parts(lib, rng)
    count = int(rng.integers(2, 4))
    shape = [*whole.shape[:axis], whole.shape[axis] * count, *whole.shape[axis + 1 :]]
    x = lib.tensor(shape, whole.dtype.lower(), scale=0.5)
    where = lib.tensor((), "int32", data=axis)
    outputs = [lib.tensor(whole.shape, whole.dtype.lower(), scale=0.5) for _ in range(count)]
    return Node("SPLIT", [where, x], outputs, {"num_splits": count})


def pack(lib, rng):
    shape = tuple(rng.integers(1, 5, rng.integers(1, 4)).tolist())
    count, axis = int(rng.integers(1, 5)), int(rng.integers(len(shape) + 1))
    dtype = str(rng.choice(["int8", "int16"]))
    pieces = [lib.tensor(shape, dtype, scale=0.5) for _ in range(count)]
    whole = lib.tensor([*shape[:axis], count, *shape[axis:]], dtype, scale=0.5)
    return Node("PACK", pieces, [whole], {"values_count": count, "axis": axis})


def unpack(lib, rng):
    node = pack(lib, rng)
    options = {"num": len(node.inputs), "axis": node.options["axis"]}
    return Node("UNPACK", node.outputs, node.inputs, options)


def pad(lib, rng, kind="PAD"):
    x = lib.any_tensor(rng, tuple(rng.integers(1, 5, rng.integers(1, 5)).tolist()))
    widths = rng.integers(0, 3, (len(x.shape), 2))
    out = lib.tensor(np.array(x.shape) + widths.sum(1))
    out.shape = tuple(int(size) for size in out.shape)
    out.quantization = x.quantization
    inputs = [x, lib.tensor(widths.shape, "int32", data=widths)]
    return Node(kind, inputs, [out], {})


def pad_v2(lib, rng):
    node = pad(lib, rng, "PADV2")
    value = lib.tensor((), "int8", data=int(rng.integers(-128, 128)))
    value.quantization = node.outputs[0].quantization
    node.inputs.append(value)
    return node


@pytest.mark.parametrize(
    "case", [concatenation, split_v, split, pack, unpack, pad, pad_v2], ids=lambda f: f.__name__
)
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_joining_is_golden(c_libraries, case, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng), seeds)
