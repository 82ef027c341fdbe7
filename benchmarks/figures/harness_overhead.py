"""What edgekit's harness adds to a latency, against a bare loop around an interpreter's invoke.

    python benchmarks/figures/harness_overhead.py --mobilenet mobilenet_v2.onnx \
        --json docs/figures/harness_overhead.json

Needs the folder of test data (``EDGEKIT_TEST_DATA``) with ``kws_dscnn.onnx`` and
``kws_eval.npz``; ``mobilenet_v2.py`` writes the other network. Both become full-integer int8.

The bare loop opens an interpreter by the package's own class, sets its inputs before each run
and reads `perf_counter_ns` around ``invoke()``: what TFLite's benchmark_model times. (The
ai-edge-litert wheel ships no benchmark_model.) Harness and bare loop run in turns, in blocks
whose order is drawn; ratio and interval are those of ``edgekit compare``. Both are loaded anew
many times, because where their memory lies moves a latency.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import numpy as np
from int8_networks import kws_bundle, mobilenet_bundle, scratch_folder
from numpy.typing import NDArray

from edgekit.benchmarks import BenchmarkOptions, HostTarget, Inputs, random_inputs
from edgekit.benchmarks.comparing import BlockGroup, paired_ratio
from edgekit.benchmarks.statistics import geometric_mean, median
from edgekit.bundle import Bundle
from edgekit.files import atomic_write

LIMIT = 0.01
WARM_UP_SECONDS = 0.1

Way = Callable[[int], NDArray[np.float64]]


def bare_loop(bundle: Bundle, inputs: tuple[Inputs, ...]) -> Way:
    """Return a loop around a bare interpreter, with nothing of edgekit in it."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=bundle.model, num_threads=1)
    interpreter.allocate_tensors()
    details = interpreter.get_input_details()
    samples = [[sample[detail["name"]] for detail in details] for sample in inputs]

    def run(count: int) -> NDArray[np.float64]:
        elapsed = []
        for index in range(count):
            for detail, array in zip(details, samples[index % len(samples)], strict=True):
                interpreter.set_tensor(detail["index"], array)
            start = perf_counter_ns()
            interpreter.invoke()
            elapsed.append(perf_counter_ns() - start)
        return np.array(elapsed) / 1e3

    return run


def in_turns(ways: list[Way], block_seconds: float, rounds: int, seed: int) -> BlockGroup:
    """Return the medians of blocks that the two ways ran in turns."""
    generator = np.random.default_rng(seed)
    counts = []
    for way in ways:
        warm_up = max(2, int(WARM_UP_SECONDS * 1e6 / way(2)[-1]))
        counts.append(max(1, round(block_seconds * 1e6 / median(way(warm_up)))))
    blocks: list[list[float]] = [[], []]
    for _ in range(rounds):
        for index in generator.permutation(2).tolist():
            blocks[index].append(median(ways[index](counts[index])))
    return BlockGroup(tuple(blocks[0]), tuple(blocks[1]))


def measure(bundle: Bundle, options: argparse.Namespace) -> dict[str, Any]:
    """Return the ratio of the harness to the bare loop, with all blocks."""
    inputs = random_inputs(bundle.manifest.inputs, seed=options.seed)
    generator = np.random.default_rng(options.seed)
    groups = []
    for load in range(options.loads):
        ways: dict[int, Way] = {}
        for index in generator.permutation(2).tolist():
            if index == 0:
                ways[0] = bare_loop(bundle, inputs)
            else:
                session = HostTarget().prepare(bundle, inputs, BenchmarkOptions())
                ways[1] = lambda count, run=session.run: np.asarray(run(count))  # type: ignore[misc]
        groups.append(in_turns([ways[0], ways[1]], options.block_seconds, options.rounds, load))
        environment, state = session.environment(), session.system_state()
        session.close()
    estimate = paired_ratio(groups, seed=options.seed)
    return {
        "network": bundle.manifest.name,
        "provenance": "measured",
        "bare_loop_us": geometric_mean([value for group in groups for value in group.first_us]),
        "harness_us": geometric_mean([value for group in groups for value in group.second_us]),
        "ratio": estimate.ratio,
        "interval": [estimate.low, estimate.high],
        "within_limit": abs(estimate.ratio - 1) <= LIMIT,
        "groups": [group.to_json() for group in groups],
        "environment": environment.to_json(),
        "state": None if state is None else state.to_json(),
    }


def arguments() -> argparse.Namespace:
    """Return what the user asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mobilenet", type=Path, help="as mobilenet_v2.py wrote it")
    parser.add_argument("--json", type=Path, help="where to write figures and blocks")
    parser.add_argument("--loads", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=8, help="blocks of each after a loading")
    parser.add_argument("--block-seconds", type=float, default=0.04)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    """Measure, print a line for each network, and write the JSON."""
    options = arguments()
    with scratch_folder() as scratch:
        bundles = [kws_bundle(scratch)]
        if options.mobilenet:
            bundles.append(mobilenet_bundle(options.mobilenet, scratch))
        rows = [measure(bundle, options) for bundle in bundles]
    for row in rows:
        low, high = row["interval"]
        print(
            f"{row['network']:16} bare {row['bare_loop_us']:9.2f} us, harness "
            f"{row['harness_us']:9.2f} us (measured), ratio {row['ratio']:.4f} "
            f"({low:.4f} to {high:.4f})"
        )
    if options.json:
        atomic_write(options.json, json.dumps(rows) + "\n")


if __name__ == "__main__":
    main()
