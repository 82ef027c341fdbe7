"""The drill of the database of results: all that many processes write, and some rounds of kills."""

import pytest


@pytest.mark.slow
def test_eight_processes_lose_nothing(script, tmp_path):
    drill = script("record_drill")
    told = drill.write_at_once(tmp_path / "r.sqlite3", 8, 200)
    assert len(told) == 1600
    assert drill.whole_records(tmp_path / "r.sqlite3", told) == 1600


def test_killed_writers_lose_nothing_that_was_acknowledged(script, tmp_path):
    outcome = script("record_drill").run(tmp_path, processes=2, writes=20, rounds=15, pages=5)
    assert (outcome.written, outcome.found) == (40, 40)
    assert outcome.kills == 30
    assert outcome.acknowledged == outcome.kept > 0
    assert outcome.damaged_rounds == 0
    assert outcome.of_records == 40
    assert 30 <= outcome.saved < 40
    assert outcome.unnoticed == 0
