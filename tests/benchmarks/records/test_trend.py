"""A trend shows what was measured when, and where something else changed."""

import pytest

from edgekit.benchmarks.records import Record, sparkline, trends


def _trends(database, documents):
    database.add(*map(Record.of, documents))
    return trends(database.rows(), lambda identity: database.get(identity).document["environment"])


def test_points_are_in_order_of_time_with_ratios_in_their_environment(database, make_document):
    laptop = {"cpu_model": "Another CPU"}
    (trend,) = _trends(
        database,
        [
            make_document(50),
            make_document(0),
            make_document(20, environment=laptop),
            make_document(30, environment=laptop, model_sha256="e" * 64),
        ],
    )
    assert (trend.model, trend.target, trend.device) == ("kws", "host", None)
    points = trend.points
    assert [point.latency_us for point in points] == [100, 120, 130, 150]
    assert [point.ratio for point in points] == [None, None, 130 / 120, 1.5]
    assert [point.changes for point in points] == [
        (),
        ("cpu_model: Test CPU -> Another CPU",),
        (),
        ("cpu_model: Another CPU -> Test CPU",),
    ]
    assert [point.new_model for point in points] == [False, False, True, True]
    assert list(trend.by_environment().values()) == [
        (100, None, None, 150),
        (None, 120, 130, None),
    ]
    assert trend.to_json()["points"][2]["ratio"] == pytest.approx(130 / 120)


def test_each_model_and_target_has_its_own(database, make_document):
    found = _trends(
        database,
        [
            make_document(1),
            make_document(2, target="emulator", device="b"),
            make_document(3, target="emulator", device="a"),
            make_document(4, model="ic"),
            make_document(5, measurements={}),
            make_document(6, model=None),
        ],
    )
    assert [(each.model, each.target, each.device, len(each.points)) for each in found] == [
        ("ic", "host", None, 1),
        ("kws", "emulator", "a", 1),
        ("kws", "emulator", "b", 1),
        ("kws", "host", None, 1),
    ]


def test_results_without_latency_make_no_trend(database, make_document):
    assert _trends(database, [make_document(1, measurements={})]) == ()


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0, 7, None, 3.4], "▁█ ▄"), ([5, 5], "▄▄"), ([], ""), ([None], " ")],
)
def test_sparkline(values, expected):
    known = [value for value in values if value is not None] or [0]
    assert sparkline(values, min(known), max(known)) == expected
