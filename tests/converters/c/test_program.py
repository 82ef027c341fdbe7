"""Twenty random graphs give the golden bytes, in arenas whose live tensors never overlap."""

import pytest

from edgekit.converters.c import COptions, Isa, generate_c
from edgekit.converters.c.planning import check_plan

SEEDS = range(20)


@pytest.fixture(scope="module")
def models(c_graphs):
    return [c_graphs.random_graph(seed) for seed in SEEDS]


def test_random_graphs_are_golden(models, c_libraries):
    c_libraries.assert_golden(models, runs=4)


@pytest.mark.parametrize("isa", Isa)
def test_plans_of_random_graphs_hold(models, isa):
    for model in models:
        plan = generate_c(model, COptions("m", isa)).plan
        check_plan(plan)
        assert plan.is_optimal or plan.size_bytes <= 1.01 * plan.lower_bound_bytes
