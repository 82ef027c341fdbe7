"""Results are alike where it matters, and what differs is named with both values."""

from dataclasses import replace

import pytest

from edgekit.benchmarks import Provenance
from edgekit.benchmarks.comparing import (
    Difference,
    MetadataMismatchError,
    check_comparable,
    differences,
)


def test_results_made_alike_differ_in_nothing_though_models_and_latencies_do(result):
    first, second = result(100.0), result(200.0, 210.0, model="other")
    second = replace(second, options=replace(second.options, windows=2, seed=1))
    assert differences(first, second) == ()
    check_comparable(first, second)


@pytest.mark.parametrize(
    ("place", "field", "value"),
    [
        ("", "target", "board"),
        ("", "provenance", Provenance.EMULATED),
        ("", "inputs", "given, 3 samples"),
        ("options", "window_seconds", 0.5),
        ("environment", "governor", "performance"),
        ("environment", "cpu_model", "Abacus 3000"),
        ("environment", "interpreter_version", "1.0"),
        ("environment", "threads", 4),
        ("environment", "affinity", (0,)),
    ],
)
def test_a_field_that_differs_is_named_with_both_values(result, place, field, value):
    first = second = result(100.0)
    if place:
        part = replace(getattr(second, place), **{field: value})
        second = replace(second, **{place: part})
    else:
        second = replace(second, **{field: value})
    name = f"{place}.{field}" if place else field
    old = getattr(getattr(first, place) if place else first, field)
    expected = (old, value) if field != "provenance" else ("measured", "emulated")
    assert differences(first, second) == (Difference(name, *expected),)
    with pytest.raises(MetadataMismatchError, match="they differ in 1 field") as caught:
        check_comparable(first, second)
    assert caught.value.details == (f"{name}: {expected[0]!r} and {expected[1]!r}",)
    assert "--force" in caught.value.hint


def test_all_differences_are_listed(result):
    first = result(100.0)
    environment = replace(first.environment, governor="performance", threads=2)
    second = replace(first, environment=environment, target="board")
    with pytest.raises(MetadataMismatchError, match="3 fields") as caught:
        check_comparable(first, second)
    names = [difference.name for difference in caught.value.differences]
    assert names == ["target", "environment.governor", "environment.threads"]
