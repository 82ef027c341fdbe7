"""How often `edgekit compare` is right: on one bundle against itself, and on a slower one.

    python benchmarks/figures/compare_verdicts.py --json docs/figures/compare_verdicts.json

Needs the folder of test data (``EDGEKIT_TEST_DATA``) with ``kws_dscnn.onnx`` and
``kws_eval.npz``. The slower network is the same with redundant RELUs, as many as make it about
5 % slower; how much slower it is, a bare loop around two interpreters says first.

Bundles are compared in turns, each time from other seeds. Results are compared apart: each is
measured by ``--quick`` in a process of its own, one after the other, and held against the one
before it; a slower one against the ordinary one before it.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from harness_overhead import bare_loop, in_turns
from int8_networks import kws_bundle, scratch_folder, with_redundant_operators

from edgekit.benchmarks import BenchmarkOptions, BenchmarkResult, benchmark, random_inputs
from edgekit.benchmarks.comparing import (
    CompareOptions,
    Comparison,
    Verdict,
    compare_bundles,
    compare_results,
    paired_ratio,
)
from edgekit.bundle import Bundle
from edgekit.files import atomic_write

REDUNDANT = 9
LOADS = 12


def true_ratio(first: Bundle, second: Bundle) -> dict[str, Any]:
    """Return how much slower the second is by bare loops, with nothing of edgekit in them."""
    inputs = random_inputs(first.manifest.inputs, seed=0)
    groups = [
        in_turns([bare_loop(bundle, inputs) for bundle in (first, second)], 0.04, 8, load)
        for load in range(LOADS)
    ]
    estimate = paired_ratio(groups, seed=0)
    return {"ratio": estimate.ratio, "interval": [estimate.low, estimate.high]}


def summary(comparison: Comparison) -> dict[str, Any]:
    """Return what is written of a comparison."""
    ratio = comparison.ratio
    return {
        "verdict": str(comparison.verdict),
        "ratio": ratio.value,
        "interval": list(ratio.interval or ()),
        "provenance": str(ratio.provenance),
        "slower_by_3_percent": comparison.is_slower_by(0.03),
        "unstable_reasons": list(comparison.unstable_reasons),
        "groups": [group.to_json() for group in comparison.groups],
    }


def in_turns_verdicts(
    bundles: tuple[Bundle, Bundle], repetitions: int, options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Compare two bundles again and again."""
    rows = []
    for seed in range(repetitions):
        chosen = CompareOptions(seconds=options.seconds, seed=seed)
        rows.append(summary(compare_bundles(*bundles, chosen)))
        print(f"{rows[-1]['verdict']:20} {rows[-1]['ratio']:.4f}", file=sys.stderr)
    return rows


def measured_alone(path: Path) -> BenchmarkResult:
    """Measure a bundle in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_quick, path).result()


def _quick(path: Path) -> BenchmarkResult:
    return benchmark(path, options=BenchmarkOptions.quick())


def apart_verdicts(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Measure bundles one after the other, and compare each result with the one before it."""
    results = [measured_alone(path) for path in paths]
    return [summary(compare_results(one, other)) for one, other in pairwise(results)]


def counted(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Return how often each verdict was given."""
    return {str(verdict): sum(row["verdict"] == verdict for row in rows) for verdict in Verdict}


def arguments() -> argparse.Namespace:
    """Return what the user asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="where to write the verdicts")
    parser.add_argument("--same", type=int, default=20, help="comparisons of a bundle with itself")
    parser.add_argument("--slower", type=int, default=10, help="comparisons with the slower one")
    parser.add_argument("--seconds", type=float, default=3.0, help="of a comparison in turns")
    parser.add_argument(
        "--only", choices=("turns", "apart"), help="take the other part from the file of --json"
    )
    return parser.parse_args()


def main() -> None:
    """Compare, print how often which verdict was given, and write the JSON."""
    options = arguments()
    content: dict[str, Any] = {}
    if options.only:
        content = json.loads(options.json.read_bytes())
    with scratch_folder() as scratch:
        bundle = kws_bundle(scratch)
        slower = with_redundant_operators(bundle, REDUNDANT, scratch / "slower.edgekit")
        if options.only != "apart":
            content |= {
                "network": bundle.manifest.name,
                "redundant_operators": REDUNDANT,
                "seconds": options.seconds,
                "true_ratio": true_ratio(bundle, slower),
                "in_turns_same": in_turns_verdicts((bundle, bundle), options.same, options),
                "in_turns_slower": in_turns_verdicts((bundle, slower), options.slower, options),
            }
        if options.only != "turns":
            # Every other comparison is of the slower one with the ordinary one before it.
            turns = [bundle.path, slower.path] * options.slower
            content |= {
                "apart_same": apart_verdicts([bundle.path] * (options.same + 1)),
                "apart_slower": apart_verdicts(turns)[::2],
            }
    print(f"bare loops: {content['true_ratio']['ratio']:.4f} times as long (measured)")
    for name in ("in_turns_same", "in_turns_slower", "apart_same", "apart_slower"):
        print(f"{name}: {counted(content[name])}")
    if options.json:
        atomic_write(options.json, json.dumps(content) + "\n")


if __name__ == "__main__":
    main()
