"""Raw inputs to measure with, where none are given."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.errors import InvalidOptionError
from edgekit.benchmarks.target import Inputs
from edgekit.bundle import TensorSpec

__all__ = ["RANDOM_SETS", "feeds_for", "random_inputs"]

# More than one, so that a run does not find the values of the last one in place.
RANDOM_SETS = 8


def random_inputs(specs: Sequence[TensorSpec], *, seed: int) -> tuple[Inputs, ...]:
    """Return sets of random raw inputs that are valid for any model with this interface.

    Quantized integers are uniform over their whole type, floats standard normal, booleans and
    integers that are not quantized 0 or 1: those are token ids, masks or indices, and larger
    ones may be beyond the model's table.

    Args:
        specs: The model's inputs.
        seed: The same seed gives the same inputs.

    Raises:
        InvalidOptionError: An input has a type that has no random values, such as strings.
    """
    generator = np.random.default_rng(seed)
    return tuple(
        {spec.name: _random(spec, generator) for spec in specs} for _ in range(RANDOM_SETS)
    )


def feeds_for(
    specs: Sequence[TensorSpec], given: Sequence[Inputs], *, seed: int
) -> tuple[Sequence[Inputs], str]:
    """Return what a model is fed, and how to call it: what was given, or random inputs.

    Args:
        specs: The model's inputs.
        given: Raw arrays by the names of the inputs, one mapping for each sample; may be empty.
        seed: Of the random inputs.

    Raises:
        InvalidOptionError: A sample lacks an input or has one that the model does not.
    """
    if not given:
        return random_inputs(specs, seed=seed), f"random, seed {seed}"
    names = {spec.name for spec in specs}
    for sample in given:
        if sample.keys() != names:
            allowed = f"arrays by the names {', '.join(sorted(names))}"
            raise InvalidOptionError("inputs", sorted(sample), allowed)
    return given, f"given, {len(given)} sample{'s' * (len(given) > 1)}"


def _random(spec: TensorSpec, generator: np.random.Generator) -> NDArray[Any]:
    dtype = np.dtype(spec.dtype)
    if np.issubdtype(dtype, np.floating):
        return generator.standard_normal(spec.shape).astype(dtype)
    if np.issubdtype(dtype, np.integer) and spec.scale is not None:
        info = np.iinfo(dtype)
        return generator.integers(info.min, info.max, spec.shape, dtype, endpoint=True)
    if dtype == np.bool_ or np.issubdtype(dtype, np.integer):
        return generator.integers(0, 2, spec.shape).astype(dtype)
    raise InvalidOptionError(
        f"the type of input '{spec.name}'", spec.dtype, "a number; give inputs of your own"
    )
