"""docs/benchmarking.md gives the limits and defaults that the code has."""

import json
import re
from pathlib import Path

import pytest

from edgekit.benchmarks import BenchmarkOptions, trust
from edgekit.benchmarks.comparing import CompareOptions
from edgekit.benchmarks.comparing.interleaving import TURNS_THRESHOLD
from edgekit.benchmarks.comparing.ratio import RUN_TO_RUN
from edgekit.benchmarks.comparing.results import RESULTS_THRESHOLD
from edgekit.benchmarks.result import SCHEMA_VERSION
from edgekit.benchmarks.window import MAX_WINDOW_SAMPLES

DOCS = Path(__file__).parents[2] / "docs"
DEFAULT, QUICK = BenchmarkOptions(), BenchmarkOptions.quick()
PAGE = (DOCS / "benchmarking.md").read_text()


def percent(value):
    return f"{100 * value:g} %"


@pytest.mark.parametrize(
    "text",
    [
        f"more than {MAX_WINDOW_SAMPLES:,} runs",
        f"a schema version, {SCHEMA_VERSION} since",
        f"MAD over {percent(trust.MAX_RELATIVE_MAD)}",
        f"more than {percent(trust.MAX_WINDOW_RANGE)} apart",
        f"by more than {percent(trust.MAX_TREND)}",
        f"by more than {percent(trust.MAX_FREQUENCY_DRIFT)}",
        f"more than {trust.MAX_OTHER_LOAD:g} processors",
        f"more than {percent(trust.MAX_STOLEN)} of the processors' time",
        f"less than {trust.MIN_TRUSTED_RUNS} runs, less than {trust.MIN_TRUSTED_SECONDS:g} s",
        f"The threshold is {percent(TURNS_THRESHOLD)} in turns",
        f"so {percent(RUN_TO_RUN)} are added to both ends",
        f"the threshold is {percent(RESULTS_THRESHOLD)}",
        f"about {1000 * CompareOptions().block_seconds:g} ms of each",
        f"at least {DEFAULT.window_seconds:g} s and {DEFAULT.window_runs} runs",
        f"(`--quick`: {QUICK.window_seconds:g} s)",
        f"(`--quick`: {QUICK.warmup_seconds:g} s)",
    ],
)
def test_limits_and_defaults_are_those_of_the_code(text):
    assert text in PAGE


def test_links_lead_somewhere():
    for link in re.findall(r"\]\(([^)#]+)", PAGE):
        assert "://" in link or (DOCS / link).exists(), link


def test_the_overhead_is_that_of_the_record():
    for row in json.loads((DOCS / "figures" / "harness_overhead.json").read_bytes()):
        low, high = row["interval"]
        assert f"| {row['ratio']:.4f} | {low:.4f} to {high:.4f} |" in PAGE
        assert row["within_limit"]


def test_the_verdicts_are_those_of_the_record():
    data = json.loads((DOCS / "figures" / "compare_verdicts.json").read_bytes())
    truth = data["true_ratio"]
    low, high = truth["interval"]
    assert f"{truth['ratio']:.4f} times as slow ({low:.4f} to {high:.4f})" in PAGE
    assert f"in turns, {data['seconds']:g} s each" in PAGE
    rows = (
        ("no difference seen", data["in_turns_same"], data["apart_same"]),
        ("slower", data["in_turns_slower"], data["apart_slower"]),
    )
    for verdict, *parts in rows:
        right = [sum(row["verdict"] == verdict for row in part) for part in parts]
        shown = [f"{count} of {len(part)}" for count, part in zip(right, parts, strict=True)]
        assert f": {verdict} | {shown[0]} | {shown[1]} |" in PAGE
    worst = max(abs(row["ratio"] - 1) for row in data["in_turns_same"])
    assert f"further from 1 than {100 * worst:.1f} %" in PAGE
