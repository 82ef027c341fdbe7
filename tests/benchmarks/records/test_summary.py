"""What a record is found by is read from any document."""

import pytest

from edgekit.benchmarks.records import Summary


def test_an_unknown_document_has_an_empty_summary():
    assert Summary.of({"schema_version": 9}) == Summary(*[None] * 10)


def test_every_field_is_read(make_document):
    energy = {"value": 12, "unit": "uJ", "provenance": "estimated"}
    document = make_document(3, device="pixel-8")
    document["measurements"]["energy"] = energy
    found = Summary.of(document)
    assert (found.model, found.target, found.device) == ("kws", "host", "pixel-8")
    assert (found.latency_us, found.latency_provenance) == (103.0, "measured")
    assert (found.energy_uj, found.energy_provenance) == (12.0, "estimated")
    assert len(found.environment) == 8


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({"name": "new", "model_sha256": "ab"}, ("new", "ab")),
        ({"name": 7}, (None, None)),
        ("new", (None, None)),
    ],
)
def test_a_comparison_is_found_by_the_model_that_it_judges(second, expected):
    found = Summary.of({"first": {"name": "old", "model_sha256": "cd"}, "second": second})
    assert (found.model, found.model_sha256) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00+00:00"),
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00+00:00"),
        ("2026-03-01T12:00:00.75", "2026-03-01T12:00:00+00:00"),
        ("yesterday", None),
        (1700000000, None),
    ],
)
def test_times_are_brought_to_one_form(given, expected):
    assert Summary.of({"started_at": given}).started_at == expected


@pytest.mark.parametrize(
    "measurements",
    [
        None,
        {"latency": 3.0},
        {"latency": {"value": 3.0, "unit": "us"}},
        {"latency": {"value": 3.0, "unit": "ms", "provenance": "measured"}},
        {"latency": {"value": "3", "unit": "us", "provenance": "measured"}},
        {"latency": {"value": float("inf"), "unit": "us", "provenance": "measured"}},
    ],
)
def test_a_figure_of_another_form_is_left_out(measurements):
    assert Summary.of({"measurements": measurements}).latency_us is None
