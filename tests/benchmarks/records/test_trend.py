"""A trend shows what was measured when, and where something else changed."""

import pytest

from edgekit.benchmarks.records import Record, sparkline, trends


def _trends(database, documents, **options):
    database.add(*map(Record.of, documents))
    return trends(database.rows(), database.get, **options)


def test_points_are_in_order_of_time_with_ratios_in_their_environment(database, make_document):
    laptop = {"cpu_model": "Another CPU"}
    (trend,) = _trends(
        database,
        [
            make_document(50),
            make_document(0, unstable_reasons=["too short"]),
            make_document(20, environment=laptop),
            make_document(30, environment=laptop, model_sha256="e" * 64),
        ],
    )
    assert (trend.model, trend.target, trend.device) == ("kws", "host", None)
    points = trend.points
    assert [point.measurement.value for point in points] == [100, 120, 130, 150]
    assert [point.measurement.interval[1] for point in points] == [101, 121, 131, 151]
    assert [point.ratio for point in points] == [None, None, 130 / 120, 1.5]
    assert [point.changes for point in points] == [
        (),
        ("cpu_model: Test CPU -> Another CPU",),
        (),
        ("cpu_model: Another CPU -> Test CPU",),
    ]
    assert [point.new_model for point in points] == [False, False, True, True]
    assert [point.unstable for point in points] == [True, False, False, False]
    assert list(trend.by_environment().values()) == [
        (100, None, None, 150),
        (None, 120, 130, None),
    ]
    data = trend.to_json()
    assert data["figure"] == "latency"
    assert data["points"][2]["ratio"] == pytest.approx(130 / 120)


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


def test_any_figure_can_be_followed_but_units_and_provenances_do_not_mix(database, make_document):
    documents = [make_document(number) for number in range(3)]
    figure = documents[0]["measurements"]["latency"]
    documents[0]["measurements"]["energy"] = {**figure, "unit": "uJ"}
    documents[1]["measurements"]["energy"] = {**figure, "unit": "uJ", "provenance": "estimated"}
    documents[2]["measurements"]["energy"] = {**figure, "unit": "mJ"}
    found = _trends(database, documents, figure="energy")
    assert [len(trend.points) for trend in found] == [1, 1, 1]
    assert _trends(database, [], figure="arena") == ()


def test_the_newest_are_kept(database, make_document):
    (trend,) = _trends(database, [make_document(number) for number in range(9)], last=2)
    assert [point.measurement.value for point in trend.points] == [107, 108]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0, 7, None, 3.4], "▁█ ▄"), ([5, 5], "▄▄"), ([], ""), ([None], " ")],
)
def test_sparkline(values, expected):
    known = [value for value in values if value is not None] or [0]
    assert sparkline(values, min(known), max(known)) == expected
