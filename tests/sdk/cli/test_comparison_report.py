"""The verdict in words, as it is printed."""

from dataclasses import replace

import pytest

from edgekit.benchmarks import Provenance, capture_environment, capture_state
from edgekit.benchmarks.comparing import BlockGroup, CompareOptions, Comparison, Subject
from edgekit.cli.comparison_report import show_comparison
from edgekit.cli.output import Output
from edgekit.runtime import Backend, Kernels


def groups(ratio, scatter=0.0):
    return tuple(
        BlockGroup((100.0,) * 5, (100.0 * ratio * (1 + scatter * step),) * 5)
        for step in (-2, -1, 0, 1, 2)
    )


COMPARISON = Comparison(
    first=Subject("net", "old.edgekit", "aa" * 32),
    second=Subject("net", "new.edgekit", "bb" * 32),
    target="host",
    provenance=Provenance.MEASURED,
    inputs="random, seed 0",
    started_at="2024-05-06T07:08:09+00:00",
    threshold=0.02,
    options=CompareOptions(),
    environment=capture_environment(Backend("ai-edge-litert", "2.3.0", Kernels.DEFAULT, 1)),
    groups=groups(1.0),
)


@pytest.fixture
def shown(capsys):
    """Return what is printed of a comparison."""

    def show(comparison):
        show_comparison(Output.console(), comparison)
        return capsys.readouterr().out

    return show


@pytest.mark.parametrize(
    ("ratio", "scatter", "words"),
    [
        (1.0, 0.0, "no difference seen: the same within 2.0%"),
        (1.0, 0.03, "no difference seen: less than 2.0%, or too uncertain: up to 6."),
        (1.1, 0.001, "slower: new.edgekit takes 10.0% longer"),
        (0.9, 0.001, "faster: new.edgekit takes 10.0% less time"),
    ],
)
def test_the_verdict_is_explained(shown, ratio, scatter, words):
    assert words in shown(replace(COMPARISON, groups=groups(ratio, scatter)))


def test_latencies_stand_beside_their_provenance(shown):
    text = shown(replace(COMPARISON, groups=groups(1.1)))
    rows = [line.split("│")[1:-1] for line in text.splitlines() if line.startswith("│")]
    cells = [[cell.strip() for cell in row] for row in rows]
    assert [row[:4] for row in cells] == [
        ["old.edgekit", "net", "100.00 us", "measured"],
        ["new.edgekit", "net", "110.00 us", "measured"],
    ]


def test_what_was_forced_and_what_disturbed_is_told(shown):
    state = capture_state()
    busy = replace(state, clock_s=state.clock_s + 10, busy_s=(state.busy_s or 0.0) + 20)
    text = shown(replace(COMPARISON, forced=("target: 'a' and 'b'",), states=(state, busy)))
    assert "FORCED: target: 'a' and 'b'" in text
    assert "note: other processes kept 2.00 processors busy" in text


def test_what_speaks_against_a_result_is_loud(shown):
    apart = replace(COMPARISON, options=None, groups=groups(1.0)[:1], doubts=("old.json: heat",))
    assert "UNSTABLE: old.json: heat" in shown(apart)
