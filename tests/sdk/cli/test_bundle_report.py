"""What compression left is counted; what was lost is told one by one."""

import io

import pytest
from rich.console import Console

from edgekit.cli.bundle_report import show_findings
from edgekit.converters.finding import CompressionFinding, Fate, FindingKind, SettledFinding

FINDINGS = [
    SettledFinding(CompressionFinding(kind, name, summary, {}), fate, proof)
    for kind, name, summary, fate, proof in (
        (FindingKind.PRUNED, "w1", "75 % zeros", Fate.KEPT, "all 300 are zero"),
        (FindingKind.PRUNED, "w2", "50 % zeros", Fate.KEPT, "all 200 are zero"),
        (FindingKind.PRUNED, "w3", "60 % zeros", Fate.LOST, "no tensor is made from it"),
        (FindingKind.TRAINED_GRID, "a", "scale 0.1", Fate.REQUANTIZED, "scale 0.2 instead"),
    )
]


@pytest.fixture
def shown():
    def run(findings, **more):
        console = Console(file=io.StringIO(), width=200)
        show_findings(console, findings, **more)
        return console.file.getvalue()

    return run


def test_fates_are_counted_and_losses_told(shown):
    text = shown(FINDINGS)
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines()]
    assert [line for line in lines if len(line) == 3] == [
        ["pruned", "kept", "2"],
        ["pruned", "lost", "1"],
        ["trained grid", "requantized", "1"],
    ]
    assert "w3: pruned, 60 % zeros\n  lost: no tensor is made from it\n" in text
    assert "a: trained grid, scale 0.1\n  requantized: scale 0.2 instead\n" in text
    assert "w1" not in text


def test_each_is_told_on_demand(shown):
    text = shown(FINDINGS, every=True)
    assert "w1: pruned, 75 % zeros\n  kept: all 300 are zero\n" in text


def test_nothing_found_is_nothing_said(shown):
    assert shown([]) == ""
