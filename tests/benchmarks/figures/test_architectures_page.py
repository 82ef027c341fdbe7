"""The page of architecture families is what the committed runs make, and they keep the promises."""

from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"
WAYS = ("onnx", "torch", "onnx2tf", "litert_torch")


@pytest.fixture(scope="module")
def records(script):
    read = script("architectures.record").Record.read
    return {way: read(DOCS / "figures" / f"architectures_{way}.json") for way in WAYS}


def test_the_page_is_up_to_date(script):
    page = script("architectures_page").page()
    assert (DOCS / "architectures.md").read_text() == page, "write it again: make docs"


@pytest.mark.parametrize("way", ["onnx", "torch"])
def test_all_but_two_families_are_right_in_float_and_nine_of_ten_integer(records, way):
    rows = records[way].rows
    assert len(rows) >= 43
    assert not [row.family for row in rows if row.float_sqnr_db and row.float_sqnr_db < 60]
    assert sum(row.float_sqnr_db is None for row in rows) <= 2
    whole = [row for row in rows if row.violations == 0 and row.reference_sqnr_db is not None]
    assert len(whole) >= 0.9 * len(rows)


@pytest.mark.parametrize("way", ["onnx2tf", "litert_torch"])
def test_a_peer_is_measured_on_families_of_ours(records, way):
    names = {row.family for row in records["onnx"].rows}
    assert len(records[way].rows) >= 12
    assert {row.family for row in records[way].rows} <= names


def test_a_record_is_read_as_it_was_written(script, tmp_path):
    module = script("architectures.record")
    rows = [module.Row("vit", "edgekit", "onnx", operators=3, islands=["a (b)"], error="no")]
    record = module.Record("edgekit", "onnx", "mse", {"torch": "1.0"}, rows)
    record.write(tmp_path / "record.json")
    assert module.Record.read(tmp_path / "record.json") == record


def row(script, family, engine, **figures):
    return script("architectures.record").Row(family, engine, "onnx", **figures)


def pages_of(script, ours, theirs):
    record = script("architectures.record").Record
    own = record("edgekit", "onnx", "min-max", {}, [row(script, "vit", "edgekit", **ours)])
    again = {**ours, "int8_sqnr_db": 33.0}
    mse = record("edgekit", "onnx", "mse", {}, [row(script, "vit", "edgekit", **again)])
    peer = record("peer", "onnx", "", {}, [row(script, "vit", "peer", **theirs)])
    return script("architectures.page").architectures_page(own, own, mse, [peer])


WHOLE = {"float_sqnr_db": 120.0, "reference_sqnr_db": 30.0, "violations": 0, "transposes": 0}


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        ({"int8_sqnr_db": 31.0}, "nowhere"),
        ({"int8_sqnr_db": 31.1}, "31.1 dB against 30.0"),
        ({"int8_sqnr_db": 40.0, "float_sqnr_db": 10.0}, "nowhere"),
        ({"int8_sqnr_db": 40.0, "violations": 2}, "40.0 dB against 30.0, 2 operators in float"),
    ],
)
def test_a_peer_that_is_ahead_is_named(script, theirs, said):
    page = pages_of(script, {**WHOLE, "int8_sqnr_db": 30.0}, {**WHOLE, **theirs})
    if said != "nowhere":
        said = f"vit with peer ({said}); 33.0 with `--calibration-method mse`"
    assert f"a peer ahead by more than 1 dB: {said}\n" in page
