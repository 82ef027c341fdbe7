"""No number without its unit and provenance."""

import json
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks import Measurement, MeasurementError, Provenance, ResultFormatError

MEASURED = Measurement(12.3456789, "us", Provenance.MEASURED, "one run")
ESTIMATED = Measurement(5, "uJ", Provenance.ESTIMATED, "model, 95 %", (4.5, 6.25), (5.0, 5.1))


def test_text_always_shows_unit_and_provenance():
    assert str(MEASURED) == "12.3457 us (measured)"
    assert f"{MEASURED:.2f}" == "12.35 us (measured)"
    assert str(ESTIMATED) == "5 uJ (estimated, 4.5 to 6.25)"
    assert f"{ESTIMATED:.1f}" == "5.0 uJ (estimated, 4.5 to 6.2)"


def test_width_applies_to_the_value():
    assert f"{MEASURED:8.1f}" == "    12.3 us (measured)"


def test_it_cannot_be_made_without_provenance():
    with pytest.raises(TypeError):
        Measurement(1.0, "us")
    for provenance in (None, "measured", "guessed"):
        with pytest.raises(MeasurementError, match="its provenance is") as caught:
            Measurement(1.0, "us", provenance, "one run")
        assert "'estimated'" in caught.value.hint


def test_an_estimate_needs_an_interval():
    with pytest.raises(MeasurementError, match="estimated and has no interval"):
        Measurement(1.0, "us", Provenance.ESTIMATED, "a model")


@pytest.mark.parametrize("provenance", [Provenance.MEASURED, Provenance.EMULATED])
def test_others_do_not(provenance):
    assert Measurement(1.0, "us", provenance, "one run").interval is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"value": float("nan")}, "not finite"),
        ({"value": float("inf")}, "not finite"),
        ({"samples": (1.0, float("nan"))}, "not finite"),
        ({"interval": (0.0, float("inf"))}, "not finite"),
        ({"interval": (2.0, 3.0)}, "outside its interval"),
        ({"interval": (3.0, 0.5)}, "outside its interval"),
        ({"unit": ""}, "no unit or no method"),
        ({"method": ""}, "no unit or no method"),
    ],
)
def test_what_makes_no_sense_is_refused(changes, why):
    fields = {
        "value": 1.0,
        "unit": "us",
        "provenance": Provenance.MEASURED,
        "method": "one run",
        **changes,
    }
    with pytest.raises(MeasurementError, match=why):
        Measurement(**fields)


def test_it_is_immutable():
    with pytest.raises(FrozenInstanceError):
        MEASURED.value = 1.0


@given(
    value=st.floats(allow_nan=False, allow_infinity=False),
    provenance=st.sampled_from(Provenance),
    samples=st.lists(st.floats(allow_nan=False, allow_infinity=False)),
    method=st.text(min_size=1),
)
def test_json_gives_the_same_back(value, provenance, samples, method):
    made = Measurement(value, "us", provenance, method, (value, value), tuple(samples))
    assert Measurement.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_json_without_interval_gives_the_same_back():
    assert Measurement.from_json(MEASURED.to_json()) == MEASURED


@pytest.mark.parametrize(
    "changes",
    [
        {"provenance": "guessed"},
        {"value": "many"},
        {"value": None},
        {"interval": [1.0]},
        {"samples": None},
        {"surprise": 1},
    ],
)
def test_json_that_is_not_ours_is_refused(changes):
    with pytest.raises(ResultFormatError, match="this is no measurement"):
        Measurement.from_json({**MEASURED.to_json(), **changes})


@pytest.mark.parametrize("data", [None, [], {}, "text", 3])
def test_json_of_another_kind_is_refused(data):
    with pytest.raises(ResultFormatError):
        Measurement.from_json(data)


def test_json_without_provenance_is_refused():
    data = MEASURED.to_json()
    del data["provenance"]
    with pytest.raises(ResultFormatError, match="provenance"):
        Measurement.from_json(data)
