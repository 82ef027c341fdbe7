"""The checker finds every kind of unsafe plan."""

import pytest

from edgekit.converters.c.planning import (
    Buffer,
    MemoryPlan,
    Overlap,
    UnsafePlanError,
    check_plan,
)

BUFFERS = (Buffer("input", 64, 0, 1), Buffer("output", 64, 1, 2), Buffer("later", 64, 2, 3))


def plan(offsets, overlaps=(), size=128):
    return MemoryPlan(
        offsets=offsets,
        size_bytes=size,
        lower_bound_bytes=128,
        is_optimal=True,
        method="by hand",
        buffers=BUFFERS,
        overlaps=tuple(overlaps),
    )


def test_disjoint_buffers_and_reused_bytes_are_safe():
    check_plan(plan({"input": 0, "output": 64, "later": 0}))


def test_an_overlap_is_safe_at_its_distance_and_beyond():
    for offset in (16, 32):
        check_plan(
            plan({"input": offset, "output": 0, "later": 64}, [Overlap("output", "input", 16)])
        )


@pytest.mark.parametrize(
    ("offsets", "overlaps", "problem"),
    [
        ({"input": 0, "output": 64}, [], "later has no place"),
        ({"input": 8, "output": 80, "later": 0}, [], "not a multiple of 16"),
        ({"input": 0, "output": 96, "later": 0}, [], "ends at 160 of 128 bytes"),
        ({"input": 0, "output": 48, "later": 0}, [], "share 16 bytes in step 1"),
        ({"input": 0, "output": 0, "later": 64}, [Overlap("output", "input", 16)], "64 bytes"),
        (
            {"input": 0, "output": 16, "later": 0},
            [Overlap("input", "output", 0)],
            "input and output share 48 bytes",
        ),
    ],
)
def test_unsafe_plans_are_refused(offsets, overlaps, problem):
    with pytest.raises(UnsafePlanError) as caught:
        check_plan(plan(offsets, overlaps))
    assert any(problem in line for line in caught.value.problems)
