"""Profiles of MLPerf Tiny: what is recorded, what the page shows, and how much is covered."""

import json
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"
RECORD = json.loads((DOCS / "figures" / "operator_profiles.json").read_text())


def test_the_page_shows_the_record(script):
    profiles, with_tables = script("operator_profiles"), script("page_tables").with_tables
    page = (DOCS / "profiling.md").read_text()
    assert with_tables(page, "operators", profiles.markdown(RECORD["kws"])) == page
    assert with_tables(page, "coverage", profiles.summary(RECORD)) == page


@pytest.mark.parametrize("name", ["kws", "ic", "ad"])
@pytest.mark.parametrize("kernels", ["builtin", "default"])
def test_the_sum_is_near_the_whole(name, kernels):
    data = RECORD[name][kernels]
    assert 0.95 < data["coverage"] < 1.05
    assert bool(data["partitions"]) == (kernels == "default")
    assert data["peaks"]["compute"][0]["dtype"] == "INT8"


@pytest.mark.slow
def test_a_profile_is_measured_and_recorded_without_its_differences(script, test_data, monkeypatch):
    monkeypatch.setenv("EDGEKIT_TEST_DATA", str(test_data))
    profiles = script("operator_profiles")
    data = profiles.measure("ad", 1)
    assert list(data) == ["builtin", "default"]
    assert [row["kind"] for row in data["builtin"]["operators"]] == ["FULLY_CONNECTED"] * 10
    assert "added_us" not in data["default"]["operators"][0]
    assert "0 to 9 as one" in "\n".join(profiles.markdown(data))
