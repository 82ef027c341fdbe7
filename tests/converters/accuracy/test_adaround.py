"""Learned rounding against all roundings there are, and what it must leave alone."""

import itertools
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from edgekit.converters.accuracy.adaround import Problem, Settings, learn_rounding

QUICK = Settings(steps=300)


def problem(outputs=2, taps=6, positions=64, scale=0.5, activation=0):
    """A layer with correlated inputs, for which rounding to nearest is not the best."""
    generator = np.random.default_rng(3)
    common = generator.standard_normal((1, positions, 1))
    given = (common + 0.3 * generator.standard_normal((1, positions, taps))).astype(np.float32)
    weights = generator.uniform(-2, 2, (1, outputs, taps)).astype(np.float32)
    bias = np.zeros((1, 1, outputs), np.float32)
    return Problem(weights, np.full_like(weights, scale), bias, given, given, activation)


def error(case, codes):
    """The mean squared error with the mean error taken out, written anew in NumPy."""

    def activated(values):
        return values if case.activation == 0 else np.maximum(values, 0)

    mean = case.given.mean(axis=1, keepdims=True)
    wanted = activated(case.given @ case.weights.transpose(0, 2, 1) + case.bias)
    rounded = (codes * case.scales).transpose(0, 2, 1)
    correction = mean @ (case.weights.transpose(0, 2, 1) - rounded)
    made = activated(case.received @ rounded + case.bias + correction)
    return float(np.mean((made - wanted) ** 2))


@pytest.mark.parametrize("activation", [0, 1])
def test_it_finds_nearly_the_best_of_all_roundings(activation):
    case = problem(activation=activation)
    codes = learn_rounding(case, QUICK)
    floor = np.floor(case.weights / case.scales)
    nearest = error(case, np.round(case.weights / case.scales))
    # Outputs do not depend on each other: the best of each is the best of all.
    best = sum(
        min(
            error(replace(case, weights=row, scales=row * 0 + 0.5, bias=case.bias[..., :1]),
                  floor[:, [index]] + np.array(ups))
            for ups in itertools.product([0, 1], repeat=6)
        )
        for index, row in enumerate(np.split(case.weights, 2, axis=1))
    ) / 2  # fmt: skip
    found = error(case, codes)
    assert codes.dtype == np.int8
    assert np.isin(codes - floor, [0, 1]).all()
    assert best <= found < 0.5 * nearest
    assert found < 2 * best


def test_the_seed_decides():
    case = problem(positions=400)
    first, again = (learn_rounding(case, Settings(steps=50, seed=7)) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_what_lies_on_the_grid_stays():
    case = problem(taps=24, positions=256)
    weights = case.weights.copy()
    weights[..., ::2] = 0.0
    weights[..., 1] = 1.5
    codes = learn_rounding(replace(case, weights=weights), QUICK)
    assert codes is not None
    assert (codes[..., ::2] == 0).all()
    assert (codes[..., 1] == 3).all()
    on_grid = replace(case, weights=np.round(weights / 0.5).astype(np.float32) * 0.5)
    assert learn_rounding(on_grid, QUICK) is None


def test_codes_keep_to_their_limit():
    case = problem(scale=2 / 127)
    codes = learn_rounding(replace(case, weights=np.clip(case.weights * 9, -2, 2)), QUICK)
    assert codes is None or np.abs(codes.astype(int)).max() <= 127


def test_without_torch_the_extra_is_named():
    program = (
        "import sys\n"
        "sys.modules['torch'] = None\n"
        "import numpy as np\n"
        "from edgekit.converters.accuracy.adaround import Problem, Settings, learn_rounding\n"
        "from edgekit.errors import MissingDependencyError\n"
        "one = np.ones((1, 1, 1), np.float32)\n"
        "try: learn_rounding(Problem(one, one, one, one, one, 0), Settings())\n"
        "except MissingDependencyError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "edgekit[torch]" in done.stdout, done.stderr
