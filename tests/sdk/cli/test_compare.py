"""`edgekit compare`: bundles in turns, results apart, and exit statuses for CI."""

import json
from dataclasses import replace

import pytest

from edgekit.benchmarks import BenchmarkOptions, Window, benchmark
from edgekit.benchmarks.comparing import Comparison
from edgekit.benchmarks.records import Record, ResultsDatabase
from edgekit.cli.compare import SLOWER_STATUS

SHORT = ("--seconds", "0.1")


@pytest.fixture(autouse=True)
def bundles(tmp_path, tflite_models):
    pair = tflite_models.pair_bundle(tmp_path / "pair.edgekit")
    tflite_models.conv_bundle(tmp_path / "picture.edgekit")
    return pair


@pytest.fixture
def results(bundles, tmp_path):
    """Write ``old.json``, and ``new.json`` with windows that take 10 % longer."""
    options = BenchmarkOptions(window_seconds=0.001, warmup_seconds=0)
    measured = benchmark(bundles, options=options)
    for name, latency in (("old", 100.0), ("new", 110.0)):
        windows = tuple(Window(0.0, 1.0, 40, 1e6, (latency,) * 40) for _ in range(5))
        replace(measured, windows=windows, states=()).save(tmp_path / f"{name}.json")
    other = replace(measured.environment, governor="performance", threads=3)
    replace(measured, windows=windows, environment=other).save(tmp_path / "other.json")
    return measured


def test_bundles_run_in_turns(succeed):
    text = succeed("compare", "pair.edgekit", "pair.edgekit", *SHORT)
    assert "on host, inputs random, seed 0" in text
    assert text.count("pair.edgekit") >= 2
    assert "ratio second to first" in text
    assert "blocks in turns" in text


def test_json_is_the_comparison_and_it_is_written(succeed, tmp_path):
    arguments = (*SHORT, "--threads", "2", "--threshold", "50%", "--json", "-o", "out/c.json")
    data = json.loads(succeed("compare", "pair.edgekit", "picture.edgekit", *arguments))
    comparison = Comparison.from_json(data)
    assert comparison == Comparison.load(tmp_path / "out" / "c.json")
    assert (comparison.options.threads, comparison.threshold) == (2, 0.5)
    assert comparison.second.source == "picture.edgekit"


def test_recorded_results_are_compared_by_their_ids(succeed, results, monkeypatch, tmp_path):
    monkeypatch.setenv("EDGEKIT_RESULTS", str(tmp_path / "results.sqlite3"))
    succeed("results", "import", "old.json", "new.json")
    paths = (tmp_path / "old.json", tmp_path / "new.json")
    ids = [Record.of(json.loads(path.read_text())).id for path in paths]
    text = succeed("compare", ids[0][:8], ids[1][:8])
    assert f"slower: {ids[1][:8]} takes 10.0% longer" in text
    assert "slower: new.json takes 10.0% longer" in succeed("compare", ids[0][:8], "new.json")
    assert len(ResultsDatabase().rows()) == 2


def test_a_comparison_of_bundles_is_recorded(succeed, monkeypatch, tmp_path):
    monkeypatch.setenv("EDGEKIT_RESULTS", str(tmp_path / "results.sqlite3"))
    text = succeed("compare", "pair.edgekit", "pair.edgekit", *SHORT)
    (row,) = ResultsDatabase().rows()
    assert row.kind == "comparison"
    assert f"recorded as {row.id[:12]}\n" in text
    ratio = json.loads(succeed("results", "show", row.id, "--json"))["document"]["ratio"]
    shown = succeed("results", "show", row.id)
    assert f": comparison {row.summary.model} on host\n" in shown
    assert f" {ratio['value']:.4f} " in shown


def test_results_are_compared_by_their_windows(succeed, results):
    text = succeed("compare", "old.json", "new.json")
    assert "slower: new.json takes 10.0% longer" in text
    assert "measured apart" in text
    assert "faster: old.json takes 9.1% less time" in succeed("compare", "new.json", "old.json")
    assert "the same within 3.0%" in succeed("compare", "old.json", "old.json")
    assert "and 2% from run to run" in " ".join(text.split())
    assert results.model == "tiny"


@pytest.mark.parametrize(
    ("pair", "limit", "status"),
    [
        (("old.json", "new.json"), "5%", SLOWER_STATUS),
        (("old.json", "new.json"), "9.9%", SLOWER_STATUS),
        (("old.json", "new.json"), "12%", 0),
        (("old.json", "old.json"), "0%", 0),
        (("new.json", "old.json"), "5%", 0),
    ],
)
def test_ci_gets_a_status_of_its_own(run_main, results, pair, limit, status):
    assert results.windows
    found, out, err = run_main("compare", *pair, "--fail-if-slower", limit)
    assert (found, err) == (status, "")
    assert "ratio second to first" in out


def test_the_status_is_that_of_the_documentation(run_main):
    _, out, _ = run_main("compare", "--help")
    assert f"{SLOWER_STATUS}  --fail-if-slower" in out


def test_other_metadata_are_refused_with_both_values(run_main, results):
    status, out, err = run_main("compare", "old.json", "other.json")
    assert (status, out) == (1, "")
    old = results.environment
    assert f"environment.governor: {old.governor!r} and 'performance'" in err
    assert f"environment.threads: {old.threads} and 3" in err
    assert "--force" in err
    status, out, _ = run_main("compare", "old.json", "other.json", "--force")
    assert status == 0
    assert f"FORCED: environment.governor: {old.governor!r} and 'performance'" in out


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("pair.edgekit",), 2, "Missing argument 'SECOND'"),
        (("none.edgekit", "pair.edgekit"), 1, "cannot read none.edgekit: No such file"),
        (("pair.edgekit", "junk.json"), 2, "pair.edgekit is a bundle, junk.json is none"),
        (("junk.json", "junk.json"), 1, "cannot read junk.json: it is not JSON"),
        (("junk.json", "junk.json", "--pin", "0"), 2, "--pin is for bundles, these are results"),
        (("pair.edgekit", "pair.edgekit", "--force"), 2, "--force is for results, these are"),
        (("pair.edgekit", "pair.edgekit", "--threshold", "5"), 2, "'5' is no percentage"),
        (("pair.edgekit", "pair.edgekit", "--fail-if-slower", "x%"), 2, "'x%' is no percentage"),
        (("pair.edgekit", "pair.edgekit", "--fail-if-slower", "100%"), 2, "no percentage"),
        (("pair.edgekit", "pair.edgekit", "--pin", "9999"), 1, "pin is '9999'"),
        (("pair.edgekit", "pair.edgekit", *SHORT, "-o", "junk.json/x"), 1, "cannot write"),
    ],
)
def test_what_cannot_be_done_is_one_error(run_main, tmp_path, arguments, status, message):
    (tmp_path / "junk.json").write_text("junk")
    found, out, err = run_main("compare", *arguments)
    assert (found, out) == (status, "")
    assert message in err


def test_a_result_of_another_version_is_refused(run_main, results, tmp_path):
    older = results.to_json() | {"schema_version": 1}
    (tmp_path / "v1.json").write_text(json.dumps(older))
    status, _, err = run_main("compare", "v1.json", "new.json")
    assert status == 1
    assert "its schema version is 1, this edgekit reads 2" in err
