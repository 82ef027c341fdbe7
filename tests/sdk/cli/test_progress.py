"""A build's progress goes to standard error, as much of it as was asked for."""

import pytest

from edgekit.cli.output import Output
from edgekit.cli.progress import ConsoleProgress
from edgekit.progress import Stage


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
