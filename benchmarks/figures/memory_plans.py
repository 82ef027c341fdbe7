"""Plan arenas of networks: the nine that the onnx package ships, and seeded random graphs.

Every network is planned twice: with disjoint tensors, and with outputs of elementwise operators
over inputs that die. Beside each plan stand its lower bound and what the largest-first order
gives, which is TensorFlow Lite Micro's own planner (`GreedyMemoryPlanner`). Activations count
one byte an element, as in int8. The script also checks every plan.

    python benchmarks/figures/memory_plans.py --json docs/figures/memory_plans.json
"""

import argparse
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

from edgekit.converters.c.planning import Buffer, Overlap, check_plan, plan_memory
from edgekit.converters.c.planning.greedy import ORDERS, place, top
from edgekit.converters.c.planning.instance import make_instance
from edgekit.converters.graph import Subgraph

IN_PLACE = frozenset(
    ["ADD", "SUB", "MUL", "RELU", "RELU6", "LOGISTIC", "TANH", "HARD_SWISH", "LEAKY_RELU", "ABS"]
)
NETWORKS, STEPS = 100, (10, 20, 40, 80)


def main() -> None:
    """Plan everything, print a line for each, and write all figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, required=True)
    arguments = parser.parse_args()
    rows = [row for name, main in light_networks() for row in _rows(name, *problem(main))]
    for steps in STEPS:
        rows += _random_rows(steps)
    for row in rows:
        print(json.dumps(row))
    arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


def light_networks() -> Iterator[tuple[str, Subgraph]]:
    """Yield the lowered graphs of ``light_*.onnx``."""
    import onnx

    from edgekit.converters.lowering.lower import lower_source
    from edgekit.converters.sources import open_source

    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    for path in sorted(folder.glob("light_*.onnx")):
        yield path.stem.removeprefix("light_"), lower_source(open_source(path)).graph.main


def problem(main: Subgraph) -> tuple[list[Buffer], list[Overlap]]:
    """Return the activations of a graph, and which may be written over which."""
    first, last = dict.fromkeys(main.inputs, 0), dict.fromkeys(main.inputs, 0)
    for operator in main.operators:
        for tensor in main.inputs_of(operator):
            last[tensor.index] = operator.index
        for tensor in main.outputs_of(operator):
            first[tensor.index] = last[tensor.index] = operator.index
    last.update(dict.fromkeys(main.outputs, len(main.operators)))
    sizes = {index: max(1, _elements(main, index)) for index in first}
    buffers = [Buffer(f"t{i}", sizes[i], first[i], last[i]) for i in first]
    overlaps = [
        Overlap(f"t{operator.outputs[0]}", f"t{source}", 0)
        for operator in main.operators
        if operator.kind in IN_PLACE
        for source in {*operator.inputs} & first.keys()
        if last[source] == operator.index and sizes[source] == sizes[operator.outputs[0]]
    ]
    return buffers, overlaps


def _elements(main: Subgraph, index: int) -> int:
    tensor = main.tensors[index]
    return tensor.size_bytes * 8 // max(8, tensor.dtype.bits)


def random_network(seed: int, steps: int) -> tuple[list[Buffer], list[Overlap]]:
    """Return a seeded graph of chains, residuals and branches, some of its steps in place."""
    rng = random.Random(seed)  # noqa: S311 - figures, not secrets
    sizes, last = [64 * rng.randrange(1, 64)], [0]
    overlaps = []
    sources = []
    for step in range(steps):
        inputs = {step} if rng.random() < 0.8 else set()
        while len(inputs) < min(rng.choices([1, 2, 3], [0.7, 0.25, 0.05])[0], len(sizes)):
            inputs.add(max(0, step - int(rng.expovariate(0.35))))
        sources.append(sorted(inputs))
        for source in inputs:
            last[source] = step
        halved, doubled = max(16, sizes[-1] // 2), min(40_000, sizes[-1] * 2)
        sizes.append(rng.choice([sizes[-1], sizes[-1], halved, doubled, 64 * rng.randrange(1, 64)]))
        last.append(step)
    last[-1] = steps
    buffers = [Buffer(f"t{i}", size, max(0, i - 1), last[i]) for i, size in enumerate(sizes)]
    for step, inputs in enumerate(sources):
        overlaps += [
            Overlap(f"t{step + 1}", f"t{source}", rng.choice([0, 0, 64, 256]))
            for source in inputs
            if last[source] == step and rng.random() < 0.6
        ]
    return buffers, overlaps


def _rows(name: str, buffers: list[Buffer], overlaps: list[Overlap]) -> Iterator[dict[str, object]]:
    for way, allowed in (("disjoint", []), ("in place", overlaps)):
        start = time.perf_counter()
        plan = plan_memory(buffers, allowed)
        seconds = time.perf_counter() - start
        check_plan(plan)
        instance = make_instance(buffers, [])
        order = ORDERS["by size"](instance, [1] * len(buffers))
        yield {
            "network": name,
            "buffers": len(buffers),
            "way": way,
            "arena_bytes": plan.size_bytes,
            "lower_bound_bytes": plan.lower_bound_bytes,
            "largest_first_bytes": top(instance, place(instance, order)) * instance.granule_bytes,
            "is_optimal": plan.is_optimal,
            "method": plan.method,
            "seconds": round(seconds, 3),
        }


def _random_rows(steps: int) -> list[dict[str, object]]:
    """Return one row for many random graphs, for each way."""
    rows = []
    plans = [[*_rows("random", *random_network(seed, steps))] for seed in range(NETWORKS)]
    for way in range(2):
        found = [pair[way] for pair in plans]
        over = [row["arena_bytes"] / row["lower_bound_bytes"] - 1 for row in found]
        rows.append(
            {
                "network": f"{NETWORKS} random graphs of {steps} steps",
                "way": found[0]["way"],
                "proved_optimal": sum(bool(row["is_optimal"]) for row in found),
                "within_1_percent_of_the_bound": sum(value <= 0.01 for value in over),
                "neither": sum(
                    value > 0.01 and not row["is_optimal"]
                    for value, row in zip(over, found, strict=True)
                ),
                "most_over_the_bound": round(max(over), 4),
                "of_largest_first": round(
                    sum(row["arena_bytes"] / row["largest_first_bytes"] for row in found)
                    / len(found),
                    4,
                ),
                "slowest_seconds": max(row["seconds"] for row in found),
            }
        )
    return rows


if __name__ == "__main__":
    main()
