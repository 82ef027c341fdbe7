"""Options that make no sense are refused when they are made."""

import pytest

from edgekit.benchmarks import InvalidOptionError, ResultFormatError
from edgekit.benchmarks.emulator import EmulationOptions


@pytest.mark.parametrize(
    "changes",
    [
        {"optimisation": "-O9"},
        {"stack_bytes": 128},
        {"stack_bytes": 1000},
        {"max_instructions": 0},
        {"seed": -1},
    ],
)
def test_values_out_of_range_are_refused(changes):
    (name,) = changes
    with pytest.raises(InvalidOptionError, match=f"^{name} is"):
        EmulationOptions(**changes)


def test_json_keeps_everything():
    options = EmulationOptions("-Os", 8192, 1_000, 7)
    assert EmulationOptions.from_json(options.to_json()) == options
    with pytest.raises(ResultFormatError):
        EmulationOptions.from_json({"colour": "red"})
