"""Every kind of finding has one judge, and at most one examiner."""

import pytest

from edgekit.converters.compression import FindingKind
from edgekit.converters.compression.registry import examines, judge_of, judges


@pytest.mark.parametrize("kind", FindingKind)
def test_every_kind_has_a_judge(kind):
    assert callable(judge_of(kind))


def test_two_for_one_kind_are_a_mistake():
    judge_of(FindingKind.PRUNED)
    with pytest.raises(TypeError, match="two judges"):
        judges(FindingKind.PRUNED)(lambda *_: None)
    with pytest.raises(TypeError, match="two examiners"):
        examines(FindingKind.PRUNED)(lambda _: ())
