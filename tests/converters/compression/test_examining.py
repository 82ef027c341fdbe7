"""What is refused when something that training paid for is lost."""

import pytest

from edgekit.converters.compression import (
    CompressionFinding,
    CompressionLostError,
    Fate,
    FindingKind,
    SettledFinding,
    require_fates,
)


def settled(fate, tensor="w"):
    finding = CompressionFinding(FindingKind.PRUNED, tensor, "half of it is zero", {"density": 0.5})
    return SettledFinding(finding, fate, "counted")


@pytest.mark.parametrize("required", [None, Fate.KEPT, Fate.REQUANTIZED])
def test_what_is_kept_or_merged_passes_everything(required):
    require_fates([settled(Fate.KEPT), settled(Fate.MERGED)], required)


@pytest.mark.parametrize(
    ("fate", "required", "refused"),
    [
        (Fate.REQUANTIZED, Fate.KEPT, True),
        (Fate.REQUANTIZED, Fate.REQUANTIZED, False),
        (Fate.LOST, Fate.REQUANTIZED, True),
        (Fate.LOST, Fate.KEPT, True),
        (Fate.LOST, None, False),
    ],
)
def test_the_worst_fate_that_may_be(fate, required, refused):
    findings = [settled(Fate.KEPT), settled(fate, "v")]
    if not refused:
        require_fates(findings, required)
        return
    with pytest.raises(CompressionLostError) as caught:
        require_fates(findings, required)
    error = caught.value
    assert error.message == f"'v' (pruned) is {fate}, and --require {required} was given"
    assert error.details == (f"v: {fate}: counted",)
    assert error.worse == (findings[1],)


def test_several_are_counted():
    with pytest.raises(CompressionLostError, match="and 1 more"):
        require_fates([settled(Fate.LOST), settled(Fate.LOST, "v")], Fate.KEPT)


def test_findings_survive_json():
    before = settled(Fate.LOST)
    assert SettledFinding.from_json(before.to_json()) == before
