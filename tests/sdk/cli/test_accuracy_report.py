"""The ladder as a table: figures where there are any, and the layers of each rung."""

from dataclasses import dataclass

import pytest

from edgekit.cli.accuracy_report import show_climb, show_layers
from edgekit.cli.output import Output
from edgekit.converters.accuracy import Outcome, RungReport
from edgekit.converters.accuracy.cost import Cost


@dataclass(frozen=True)
class Rungs:
    """What the report reads of a climb."""

    rungs: tuple


@pytest.fixture
def climbed():
    cost = Cost(2048, 100, 9000, 1234567, 0)
    common = {"holds": False, "seconds": 0.1}
    plain = RungReport("plain", Outcome.KEPT, "nothing", (), 81.25, 3.5, 17.04, cost=cost, **common)
    rung = RungReport(
        "int16", Outcome.NO_GAIN, "2 layers", ("Conv 'a'",), None, None, None, cost=None, **common
    )
    return Rungs((plain, rung))


def test_each_rung_is_a_row(climbed, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    show_climb(Output.console(), climbed)
    lines = [line for line in capsys.readouterr().out.splitlines() if "│" in line]
    cells = [[cell.strip() for cell in line.strip("│┃").split("│")] for line in lines]
    plain = ["plain", "81.25 %", "17.0 dB", "2.0 KiB", "1,234,567", "0", "kept", "nothing"]
    assert cells == [plain, ["int16", "", "", "", "", "", "no gain", "2 layers"]]


def test_layers_are_named(climbed, capsys):
    show_layers(Output.console(), climbed)
    assert "  int16: Conv 'a'\n" in capsys.readouterr().out
