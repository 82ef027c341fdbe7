"""Places beyond 256: computed in float under their names, or refused, never a neighbour's."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.quantize.addresses import CoarseInputError
from edgekit.runtime.interpreter import Kernels


def node(kind, inputs, output, **attributes):
    return helper.make_node(kind, list(inputs), [output], name=f"n_{output}", **attributes)


def test_a_grid_sample_of_a_large_picture_finds_its_pixels(quantized, model_of):
    """400 columns: floored positions have no int8 grid, so they are named islands."""
    shape = (1, 1, 3, 400)
    model = model_of(
        [node("GridSample", ("x", "grid"), "y", mode="nearest", align_corners=0)],
        {"x": shape, "grid": (1, 2, 40, 2)},
        ["y"],
        opset=20,
    )
    rows = np.array([-2 / 3, 0, 2 / 3])

    def sample(generator):
        columns = np.round(generator.uniform(-127, 127, (1, 2, 40))) / 127
        grid = np.stack([columns, generator.choice(rows, (1, 2, 40))], -1).astype(np.float32)
        grid[..., 0, 0] = 1.0
        return {"x": np.arange(1200).reshape(shape).astype(np.float32) % 7, "grid": grid}

    # The reference kernels have no ROUND.
    result = quantized(model, sample, io=Io.FLOAT32, count=4, kernels=(Kernels.BUILTIN,))
    assert result.violations
    assert all(item.is_float_island for item in result.violations)
    assert any("n_y" in item.origin for item in result.violations)
    assert "ROUND" in result.kinds
    assert result.largest_error < 0.1  # a neighbour is off by 1


def gather_at(model_of, rows, before=()):
    start = before[-1].output[0] if before else "i"
    nodes = [
        *before,
        node("Cast", (start,), "whole", to=TensorProto.INT64),
        node("Gather", ("table", "whole"), "y"),
    ]
    table = np.sin(np.arange(rows)).astype(np.float32)
    constants = {"table": table, "hundred": np.float32(100), "tenth": np.float32(0.1)}
    used = {name for item in nodes for name in item.input}
    constants = {name: value for name, value in constants.items() if name in used}
    return model_of(nodes, {"i": (1, 50)}, ["y"], constants)


@pytest.mark.parametrize("rows", [10, 200])
def test_float_indices_that_fit_are_exact_in_integers(quantized, model_of, rows):
    model = gather_at(model_of, rows)
    result = quantized(
        model, lambda g: {"i": g.integers(0, rows, (1, 50)).astype(np.float32)}, count=30
    )
    assert result.violations == ()
    assert result.largest_error < 0.01


def test_a_coarse_integer_input_is_refused(quantized, model_of):
    model = gather_at(model_of, 1000)
    sample = {"i": np.linspace(0, 999, 50, dtype=np.float32).reshape(1, 50)}
    with pytest.raises(CoarseInputError, match=r"input 'i' leads to places .*n_whole"):
        quantized(model, lambda _: sample, count=2)


def test_a_coarse_input_stays_in_float_at_a_float_interface(quantized, model_of):
    model = gather_at(model_of, 1000)
    result = quantized(
        model,
        lambda g: {"i": g.integers(0, 1000, (1, 50)).astype(np.float32)},
        io=Io.FLOAT32,
        count=30,
    )
    assert {item.constraint for item in result.violations} == {"operator_is_integer"}
    assert result.largest_error < 0.01


def test_the_step_that_a_place_can_bear_is_followed_through_products(quantized, model_of):
    """A tenth of 0..1000 is 100 places; a hundred times 0..10 is 1000."""
    fine = gather_at(model_of, 101, [node("Mul", ("i", "tenth"), "p")])
    result = quantized(
        fine, lambda g: {"i": 10 * g.integers(0, 100, (1, 50)).astype(np.float32) + 5}, count=30
    )
    assert result.violations == ()
    coarse = gather_at(
        model_of, 1001, [node("Floor", ("i",), "f"), node("Mul", ("f", "hundred"), "p")]
    )
    result = quantized(
        coarse, lambda g: {"i": g.integers(0, 10, (1, 50)).astype(np.float32) + 0.5}, count=30
    )
    assert all(item.is_float_island for item in result.violations)
    assert result.largest_error < 0.01


@pytest.mark.parametrize("scheme", [Scheme.INT8, Scheme.INT16X8])
def test_positions_beyond_256_are_compared_as_they_are(quantized, model_of, scheme):
    nodes = [
        node("Cast", ("i",), "f", to=TensorProto.FLOAT),
        node("Less", ("f", "limit"), "y"),
    ]
    model = model_of(nodes, {"i": ((4, 80), "int64")}, ["y"], {"limit": np.float32(301)})
    result = quantized(
        model, lambda g: {"i": g.integers(290, 700, (4, 80))}, scheme=scheme, count=10
    )
    assert all(item.is_float_island for item in result.violations)
    assert bool(result.violations) == (scheme is Scheme.INT8)
    assert result.largest_error == 0
