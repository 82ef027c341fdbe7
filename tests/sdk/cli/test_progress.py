"""A build's progress goes to standard error, as much of it as was asked for."""

import io
import threading

import pytest

from edgekit.cli.output import Output
from edgekit.cli.progress import ConsoleProgress
from edgekit.progress import BenchmarkStage, Stage


def report(*, quiet=False, verbose=False, error=None):
    with ConsoleProgress(Output(json=False, quiet=quiet, verbose=verbose)) as progress:
        for stage in (Stage.SOURCE, Stage.PARITY):
            progress.stage(stage)
            progress.advance(1, 2)
        progress.notice("batch [red] fixed")
        progress.warn("few [samples]")
        if error:
            raise error


def test_without_a_terminal_each_stage_is_a_line(capsys):
    report()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "[1/7] read the source",
        "[6/7] prove parity",
        "WARNING: few [samples]",
    ]


def test_quiet_says_nothing_at_all(capsys):
    report(quiet=True)
    assert capsys.readouterr() == ("", "")


def test_verbose_says_what_was_decided(capsys):
    report(verbose=True)
    assert "note: batch [red] fixed\n" in capsys.readouterr().err


def test_on_a_terminal_there_is_a_bar(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    report()
    err = capsys.readouterr().err
    assert "prove parity" in err
    assert "[6/7]" not in err
    assert "━" in err


def test_the_bar_goes_away_with_an_error(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with pytest.raises(ZeroDivisionError):
        report(error=ZeroDivisionError())
    assert "\x1b[?25h" in capsys.readouterr().err  # the cursor is shown again


def test_between_runs_it_draws_only_when_told_of_progress(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    stream = io.StringIO()
    before = threading.active_count()
    output = Output(json=False, quiet=False, verbose=False)
    with ConsoleProgress(output, stream=stream, between_runs=True) as progress:
        progress.stage(BenchmarkStage.MEASURE)
        assert threading.active_count() == before
        drawn = len(stream.getvalue())
        progress.advance(1, 2)
        assert len(stream.getvalue()) > drawn
        drawn = len(stream.getvalue())
        progress.advance(2, 2)  # so soon after the last time that it is not worth it
        assert len(stream.getvalue()) == drawn
    assert "measure" in stream.getvalue()


def test_a_stream_can_take_the_place_of_standard_error(capsys):
    stream = io.StringIO()
    with ConsoleProgress(Output(json=False, quiet=False, verbose=False), stream=stream) as progress:
        progress.stage(Stage.PARITY)
    assert stream.getvalue() == "[6/7] prove parity\n"
    assert capsys.readouterr() == ("", "")
