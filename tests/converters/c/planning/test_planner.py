"""Plans against every possible placement of small problems, and on graphs like networks."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.converters.c.planning import Buffer, Overlap, PlanningError, check_plan, plan_memory


@st.composite
def small_problems(draw):
    """Up to six small buffers that live in up to four steps, with any overlaps that may be."""
    steps = draw(st.integers(1, 4))
    buffers = []
    for index in range(draw(st.integers(1, 6))):
        first = draw(st.integers(0, steps - 1))
        last = draw(st.integers(first, steps - 1))
        size, alignment = draw(st.integers(1, 80)), draw(st.sampled_from([16, 16, 32]))
        buffers.append(Buffer(f"b{index}", size, first, last, alignment))
    pairs = [
        (below.name, above.name)
        for below in buffers
        for above in buffers
        if above.first_step < above.last_step == below.first_step
    ]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    distances = st.sampled_from([-16, 0, 5, 16, 40])
    return buffers, [Overlap(below, above, draw(distances)) for below, above in chosen]


def smallest_arena(buffers, overlaps):
    """Try every offset of every buffer in a growing arena: the size of the first that does."""
    distances = {(item.below, item.above): max(0, item.distance_bytes) for item in overlaps}

    def behind(low, start, high, end):
        return start + min(distances.get((low.name, high.name), 1000), low.size_bytes) <= end

    def apart(one, start, other, end):
        if one.first_step > other.last_step or other.first_step > one.last_step:
            return True
        return behind(one, start, other, end) or behind(other, end, one, start)

    def fits(size, placed):
        if len(placed) == len(buffers):
            return True
        one = buffers[len(placed)]
        return any(
            all(apart(one, start, *other) for other in placed)
            and fits(size, [*placed, (one, start)])
            for start in range(0, size - one.size_bytes + 1, one.alignment)
        )

    size = step = min(buffer.alignment for buffer in buffers)
    while not fits(size, []):
        size += step
    return size


def network(seed, steps, *, overlaps):
    """Buffers of a random network: chains, residuals, branches, scratch, in-place steps."""
    rng = random.Random(seed)
    sizes, last, sources = [64 * rng.randrange(1, 64)], [0], []
    for step in range(steps):
        inputs = {step} if rng.random() < 0.8 else set()
        wanted = min(rng.choices([1, 2, 3], [0.7, 0.25, 0.05])[0], len(sizes))
        while len(inputs) < wanted:
            inputs.add(max(0, step - int(rng.expovariate(0.35))))
        for source in inputs:
            last[source] = step
        sources.append(sorted(inputs))
        halved, doubled = max(16, sizes[-1] // 2), min(40_000, sizes[-1] * 2)
        sizes.append(rng.choice([sizes[-1], sizes[-1], halved, doubled, 64 * rng.randrange(1, 64)]))
        last.append(step)
    last[-1] = steps
    buffers = [Buffer(f"t{i}", size, max(0, i - 1), last[i]) for i, size in enumerate(sizes)]
    buffers += [
        Buffer(f"scratch{step}", rng.randrange(1, 1000), step, step)
        for step in range(steps)
        if rng.random() < 0.2
    ]
    allowed = [
        Overlap(f"t{step + 1}", f"t{source}", rng.choice([0, 0, 64, 256]))
        for step, inputs in enumerate(sources)
        for source in inputs
        if last[source] == step and rng.random() < 0.6
    ]
    return buffers, allowed if overlaps else []


@settings(max_examples=60, deadline=None)
@given(small_problems())
def test_no_placement_of_few_buffers_is_smaller(problem):
    buffers, overlaps = problem
    plan = plan_memory(buffers, overlaps)
    check_plan(plan)
    assert plan.is_optimal
    assert plan.lower_bound_bytes <= plan.size_bytes == smallest_arena(buffers, overlaps)


@pytest.mark.parametrize("overlaps", [False, True], ids=["disjoint", "overlaps"])
@pytest.mark.parametrize("steps", [8, 20, 40])
def test_plans_of_networks_are_optimal_or_near_the_bound(steps, overlaps):
    for seed in range(40):
        buffers, allowed = network(seed, steps, overlaps=overlaps)
        plan = plan_memory(buffers, allowed)
        check_plan(plan)
        assert plan.is_optimal or plan.size_bytes <= 1.01 * plan.lower_bound_bytes, seed


def test_the_same_buffers_give_the_same_plan():
    buffers, overlaps = network(161, 20, overlaps=True)
    first, second = plan_memory(buffers, overlaps), plan_memory(buffers, overlaps)
    assert first == second
    assert "exhausted search proves" in first.method


def test_two_equal_tensors_of_an_in_place_step_need_the_memory_of_one():
    chain = [Buffer(f"t{step}", 8000, max(0, step - 1), step) for step in range(10)]
    overlaps = [Overlap(f"t{step + 1}", f"t{step}", 0) for step in range(9)]
    assert plan_memory(chain).size_bytes == 16_000
    assert plan_memory(chain, overlaps).size_bytes == 8000


def test_an_output_that_runs_behind_costs_its_distance():
    buffers = [Buffer("input", 8000, 0, 0), Buffer("output", 8000, 0, 1)]
    plan = plan_memory(buffers, [Overlap("output", "input", 650)])
    assert plan.size_bytes == 8656
    assert plan.offsets == {"output": 0, "input": 656}
    assert plan.lower_bound_bytes == 8656


def test_a_residual_is_added_in_place_of_either_input():
    buffers = [Buffer("left", 96, 0, 2), Buffer("right", 96, 1, 2), Buffer("sum", 96, 2, 3)]
    overlaps = [Overlap("sum", "left", 0), Overlap("sum", "right", 0)]
    plan = plan_memory(buffers, overlaps)
    assert (plan.size_bytes, plan.lower_bound_bytes, plan.is_optimal) == (192, 192, True)


def test_nothing_needs_no_arena():
    plan = plan_memory([])
    assert (plan.size_bytes, plan.offsets, plan.is_optimal) == (0, {}, True)


def test_little_time_is_said_in_the_method():
    buffers, overlaps = network(23, 80, overlaps=True)
    plan = plan_memory(buffers, overlaps, seconds=0.01)
    check_plan(plan)
    assert plan.is_optimal == ("not exhausted" not in plan.method)


@pytest.mark.parametrize(
    ("buffers", "overlaps", "why"),
    [
        ([Buffer("a", 1, 0, 1), Buffer("a", 1, 0, 1)], [], "several buffers"),
        ([Buffer("a", 0, 0, 1)], [], "size is 0"),
        ([Buffer("a", 1, 2, 1)], [], "dies in step 1"),
        ([Buffer("a", 1, 0, 1, 12)], [], "no power of two"),
        ([Buffer("a", 1, 0, 1)], [Overlap("a", "b", 0)], "no buffer"),
        ([Buffer("a", 1, 0, 3), Buffer("b", 1, 2, 4)], [Overlap("b", "a", 0)], "does not die"),
        (
            [Buffer("a", 9, 0, 0), Buffer("b", 9, 0, 0), Buffer("c", 9, 0, 0)],
            [Overlap("a", "b", 0), Overlap("b", "c", 0)],
            "write over it as well",
        ),
    ],
)
def test_contradictions_are_refused(buffers, overlaps, why):
    with pytest.raises(PlanningError, match=why):
        plan_memory(buffers, overlaps)
