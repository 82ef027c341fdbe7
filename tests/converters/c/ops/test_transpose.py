"""Operators that choose, reorder or repeat elements give the golden bytes."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def shape_of(rng, low=1, high=5):
    return tuple(rng.integers(1, 6, rng.integers(low, high)).tolist())


def data(lib, rng, shape):
    """Return a tensor of a random type; its scale does not matter."""
    dtype = str(rng.choice(["int8", "int8", "int16"]))
    return lib.tensor(shape, dtype, scale=0.5)


def moved(lib, source, shape):
    return lib.tensor(shape, source.dtype.lower(), scale=0.5)


def integers(lib, values):
    return lib.tensor((len(values),), "int32", data=values)


def transpose(lib, rng):
    x = data(lib, rng, shape_of(rng))
    order = rng.permutation(len(x.shape))
    out = moved(lib, x, [x.shape[axis] for axis in order])
    return Node("TRANSPOSE", [x, integers(lib, order)], [out], {})


def cut(lib, rng):
    x = data(lib, rng, shape_of(rng))
    begin = [int(rng.integers(size)) for size in x.shape]
    size = [
        int(rng.integers(1, end - start + 1)) for start, end in zip(begin, x.shape, strict=True)
    ]
    inputs = [x, integers(lib, begin), integers(lib, size)]
    return Node("SLICE", inputs, [moved(lib, x, size)], {})


def strided(lib, rng):
    x = data(lib, rng, shape_of(rng))
    rank = len(x.shape)
    begins = [int(rng.integers(-size, size)) for size in x.shape]
    steps = rng.choice([1, 1, 2, 3, -1, -2], rank).tolist()
    ends = [int(rng.integers(-size - 1, size + 2)) for size in x.shape]
    masks = {name: int(rng.integers(2**rank)) for name in ("begin_mask", "end_mask")}
    shrink = int(rng.integers(2**rank)) if rng.integers(3) == 0 else 0
    # Ends that leave something, for neither interpreter has empty tensors.
    cuts, kept = [], []
    for axis, size in enumerate(x.shape):
        if shrink >> axis & 1:
            ends[axis], steps[axis] = begins[axis] + 1 or size, 1
            continue
        first = None if masks["begin_mask"] >> axis & 1 else begins[axis]
        last = None if masks["end_mask"] >> axis & 1 else ends[axis]
        if not range(size)[first : last : steps[axis]]:
            masks["end_mask"] |= 1 << axis
            last = None
        cuts.append(slice(first, last, steps[axis]))
        kept.append(len(range(size)[cuts[-1]]))
    inputs = [x, integers(lib, begins), integers(lib, ends), integers(lib, steps)]
    options = {**masks, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": shrink}
    return Node("STRIDED_SLICE", inputs, [moved(lib, x, kept)], options)


def reverse(lib, rng):
    x = data(lib, rng, shape_of(rng))
    axes = rng.permutation(len(x.shape))[:1]
    return Node("REVERSE_V2", [x, integers(lib, axes)], [moved(lib, x, x.shape)], {})


def broadcast(lib, rng):
    wide = shape_of(rng)
    kept = rng.integers(2, size=len(wide))
    x = data(lib, rng, [size if keep else 1 for size, keep in zip(wide, kept, strict=True)])
    return Node("BROADCAST_TO", [x, integers(lib, wide)], [moved(lib, x, wide)], {})


def to_depth(lib, rng):
    batches, height, width, channels = rng.integers(1, 4, 4).tolist()
    block = int(rng.integers(1, 4))
    x = lib.any_tensor(rng, (batches, height * block, width * block, channels))
    out = lib.tensor((batches, height, width, channels * block**2))
    out.quantization = x.quantization
    return Node("SPACE_TO_DEPTH", [x], [out], {"block_size": block})


def to_space(lib, rng):
    node = to_depth(lib, rng)
    x, out = node.outputs[0], node.inputs[0]
    return Node("DEPTH_TO_SPACE", [x], [out], node.options)


@pytest.mark.parametrize("case", [transpose, cut, strided, reverse, broadcast, to_depth, to_space])
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=14, max_size=18))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_movement_is_golden(c_libraries, case, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng), seeds)
