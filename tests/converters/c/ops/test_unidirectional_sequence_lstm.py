"""UNIDIRECTIONAL_SEQUENCE_LSTM gives the golden bytes, also of what it remembers."""

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edgekit.converters.graph.builder import Node


def case(lib, rng):
    batches, steps, inputs, units = (int(size) for size in rng.integers(1, (3, 6, 9, 9)))
    time_major = bool(rng.integers(2))
    order = (steps, batches) if time_major else (batches, steps)
    x = lib.any_tensor(rng, (*order, inputs), low=-7, high=-4)
    out = lib.tensor((*order, units), scale=2.0**-7, zero_point=int(rng.integers(-20, 20)))
    hidden = lib.tensor((batches, units))
    hidden.quantization, hidden.is_variable = out.quantization, True
    cell = lib.tensor((batches, units), "int16", scale=2.0 ** -int(rng.integers(9, 16)))
    cell.is_variable = True
    nodes = [x]
    for width in (inputs,) * 4 + (units,) * 4:
        shape = (units, width)
        scale = 2.0 ** rng.uniform(-9, -6)
        nodes.append(lib.tensor(shape, scale=scale, data=rng.integers(-127, 128, shape)))
    nodes += [None] * 3
    for position in range(1, 5):
        scale = x.quantization.scales[0] * np.float32(nodes[position].quantization.scales[0])
        bias = rng.integers(-500, 500, units)
        nodes.append(lib.tensor((units,), "int32", scale=scale, data=bias))
    nodes += [None, None, hidden, cell, *[None] * 4]
    options = {
        "fused_activation_function": 4,
        "cell_clip": float(rng.choice([0.0, 0.5, 10.0])),
        "proj_clip": 0.0,
        "time_major": time_major,
    }
    return Node("UNIDIRECTIONAL_SEQUENCE_LSTM", nodes, [out], options)


@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=15, max_size=20))
@settings(max_examples=1, deadline=None, derandomize=True, phases=[Phase.generate])
def test_every_sequence_is_golden(c_libraries, seeds):
    c_libraries.assert_cases_golden(lambda rng: case(c_libraries, rng), seeds, runs=5)
