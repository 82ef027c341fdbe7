"""A record is its document, named by the hash of it."""

import hashlib
import json
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.benchmarks import BenchmarkOptions, HostTarget, benchmark
from edgekit.benchmarks.records import BENCHMARK, DocumentError, Record

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # Half of a surrogate pair is no text that a file could hold.
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
    max_leaves=20,
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text("xyz"), JSON))
def test_any_document_comes_back_from_its_content(fields):
    record = Record.of({**fields, "schema_version": 3}, "table")
    again = Record.from_content(record.content)
    assert again == record
    assert list(again.document) == list(record.document)
    assert again.schema_version == 3


def test_the_id_is_the_hash_of_kind_and_document():
    record = Record.of({"schema_version": 1, "b": "\u00e9"}, "k")
    text = '{"document":{"b":"\u00e9","schema_version":1},"kind":"k"}'
    assert record.id == hashlib.sha256(text.encode()).hexdigest()
    assert Record.of({"b": "\u00e9", "schema_version": 1}, "k").id == record.id
    assert Record.of({"schema_version": 1, "b": "\u00e9"}, "other").id != record.id


def test_the_result_of_a_benchmark_is_known_without_a_kind(tmp_path, tflite_models):
    bundle = tflite_models.float_bundle(tmp_path / "m.edgekit").path
    options = BenchmarkOptions(windows=2, window_seconds=0.0, window_runs=3, warmup_seconds=0.0)
    result = benchmark(bundle, HostTarget(), options)
    record = Record.of(result.to_json())
    assert record.kind == BENCHMARK
    assert record.summary.model == result.model
    assert record.summary.latency_us == result.latency.value
    assert type(result).from_json(Record.from_content(record.content).document) == result


def test_a_document_may_name_its_kind():
    assert Record.of({"schema_version": 1, "kind": "comparison"}).kind == "comparison"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([1], "it is list, not a JSON object"),
        ({"model": "m"}, "no whole number as schema_version"),
        ({"schema_version": True}, "no whole number as schema_version"),
        ({"schema_version": 1}, "it does not say of which kind it is"),
        ({"schema_version": 1, "kind": 3}, "it does not say of which kind it is"),
        ({"schema_version": 1, "kind": "k", "x": float("nan")}, "it is not JSON"),
        ({"schema_version": 1, "kind": "k", "x": {1, 2}}, "it is not JSON"),
    ],
)
def test_what_is_no_document_is_refused(document, message):
    with pytest.raises(DocumentError, match=message):
        Record.of(document)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no",
        zlib.compress(b"{"),
        zlib.compress(b"[]"),
        zlib.compress(json.dumps({"document": {}, "kind": "k"}).encode()),
    ],
)
def test_damaged_content_is_refused(content):
    with pytest.raises(DocumentError):
        Record.from_content(content)


def test_json_has_what_it_is_found_by(make_document):
    data = Record.of(make_document(7)).to_json()
    assert data["document"] == make_document(7)
    assert (data["kind"], data["model"], data["latency_us"]) == ("benchmark", "kws", 107.0)
