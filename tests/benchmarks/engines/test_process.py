"""An engine's process: answers come back, and crashes and silence are told apart."""

import os

import numpy as np
import pytest

from edgekit.benchmarks.engines import EngineFailedError, EngineUnavailableError, open_engine
from edgekit.benchmarks.engines.process import EngineProcess
from edgekit.errors import UnknownNameError


def prepared(name, case, timeout_seconds=60):
    with EngineProcess(name, case, timeout_seconds=timeout_seconds) as process:
        process.prepare()


def test_it_runs_there_what_would_run_here(case):
    session = open_engine("litert").prepare(case)
    with EngineProcess("litert", case, timeout_seconds=60) as process:
        process.prepare()
        description, prepare_us = process.ask("describe")
        assert description == session.description
        assert prepare_us > 0
        for index, made in enumerate(process.ask("outputs")):
            session.run(index)
            for name, value in session.outputs().items():
                np.testing.assert_array_equal(made[name], value)
        latencies = process.ask("block", 7, 2)
        assert len(latencies) == 7
        assert min(latencies) > 0
        # More than NumPy needs, and less than this process has, with its tests and hypothesis.
        assert 20e6 < process.ask("peak_rss_bytes") < 500e6


@pytest.mark.usefixtures("added_engines")
def test_what_an_engine_refuses_arrives_as_it_was_raised(case):
    with pytest.raises(EngineUnavailableError, match="no such model") as raised:
        prepared("refusing", case)
    assert (raised.value.why, raised.value.hint) == ("it takes no such model", "give another")
    with pytest.raises(EngineFailedError, match=r"failed: ValueError: two lines$"):
        prepared("failing", case)
    with pytest.raises(UnknownNameError):
        prepared("nothing", case)


@pytest.mark.usefixtures("added_engines")
def test_a_crash_is_told_with_the_last_words(case):
    with pytest.raises(EngineFailedError, match="ended by SIGSEGV: about to crash"):
        prepared("crashing", case)


@pytest.mark.usefixtures("added_engines")
def test_silence_ends_with_the_process(case):
    with EngineProcess("sleeping", case, timeout_seconds=0.5) as process:
        with pytest.raises(EngineFailedError, match=r"within 0\.5 seconds"):
            process.prepare()
        child = process._process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_files_beside_the_user_are_not_imported(case, tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise SystemExit('not NumPy')")
    monkeypatch.chdir(tmp_path)
    prepared("litert", case)
