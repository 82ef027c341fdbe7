"""Run the ONNX standard's own node tests through a lowering, and say how each case ended.

Every case is lowered and run in LiteRT on its own inputs, and compared with its own expected
outputs. Weights, shapes and indices are inputs there; where a lowering needs one of them
constant, it is frozen to the case's value and the case counts as passed with constant input.
What passes with our engine is also quantized to int8, and run under older opsets.

    python benchmarks/figures/onnx_node_tests.py [--json OUT] [--filter PART] [--show-wrong]
    python benchmarks/figures/onnx_node_tests.py --engine onnx2tf --sample 150 --seed 0
"""

import argparse
import importlib.metadata
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from node_tests.cases import Case, collect
from node_tests.children import run_all
from node_tests.integers import run_integer
from node_tests.lowering import run_case, run_older
from node_tests.outcome import Integer, IntegerStatus, Outcome, Record, Status, Trial
from node_tests.peer import peer_runner, peer_version
from node_tests.tables import print_tables

from edgekit.converters.lowering.registry import registrations
from edgekit.converters.quantize.registry import integer_rules
from edgekit.runtime.interpreter import Kernels

SECONDS = 60  # that a case may take with our engine
PEER_SECONDS = 600  # with the peer, whose own limit is on one lowering
CRASHED = "crashed or hung the process"


def main() -> None:
    """Run the cases, print a table, and write all outcomes."""
    arguments = parse()
    cases = chosen(arguments)
    if arguments.engine == "onnx2tf":
        outcomes = run_peer(cases, arguments.kernels, arguments.jobs)
    else:
        outcomes = run_own(cases, arguments.kernels, arguments.jobs)
    print_tables(outcomes)
    for outcome in outcomes:
        show(outcome, arguments)
    if arguments.json:
        sample = {"count": len(cases), "seed": arguments.seed} if arguments.sample else None
        record = Record(arguments.engine, versions(arguments.engine), sample, tuple(outcomes))
        record.write(arguments.json)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write every outcome there")
    parser.add_argument("--filter", default="", help="part of a case's or operator's name")
    parser.add_argument("--engine", choices=["edgekit", "onnx2tf"], default="edgekit")
    parser.add_argument("--sample", type=int, help="draw so many of the cases")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--show-wrong", action="store_true", help="list what is wrong")
    parser.add_argument("--show-refused", action="store_true", help="list what is refused")
    parser.add_argument("--show-int8", action="store_true", help="list what is not full integer")
    parser.add_argument("--kernels", type=Kernels, default=Kernels.BUILTIN, choices=list(Kernels))
    parser.add_argument("--jobs", type=int, default=1)
    return parser.parse_args()


def chosen(arguments: argparse.Namespace) -> list[Case]:
    """Return the cases that were asked for, in the standard's order."""
    cases = collect()
    if arguments.sample:
        drawn = random.Random(arguments.seed).sample(range(len(cases)), arguments.sample)  # noqa: S311
        cases = [cases[index] for index in sorted(drawn)]
    part = arguments.filter
    return [case for case in cases if part in case.name or part == case.operator]


def run_own(cases: Sequence[Case], kernels: Kernels, jobs: int) -> list[Outcome]:
    """Run cases with our engine: in float, then what passed in int8 and under older opsets."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    registrations()  # imports every lowering and rule once, before the children are forked
    integer_rules()
    outcomes = run_all(
        cases, partial(run_case, kernels=kernels), crashed, jobs=jobs, seconds=SECONDS
    )
    passed = [pair for pair in zip(cases, outcomes, strict=True) if pair[1].status.is_pass]

    def second(step: Callable[..., Any], lost: object) -> dict[str, Any]:
        results = run_all(
            passed,
            lambda pair: step(*pair, kernels),
            lambda pair: lost,  # noqa: ARG005
            jobs=jobs,
            seconds=SECONDS,
        )
        return {case.name: result for (case, _), result in zip(passed, results, strict=True)}

    integers = second(run_integer, Integer(IntegerStatus.FAILED, reason=CRASHED))
    older = second(run_older, (Trial(0, Status.WRONG, CRASHED),))
    return [
        replace(item, int8=integers.get(item.case), older=older.get(item.case, ()))
        for item in outcomes
    ]


def run_peer(cases: Sequence[Case], kernels: Kernels, jobs: int) -> list[Outcome]:
    """Run cases with the onnx2tf engine, in float."""
    return run_all(cases, peer_runner(kernels), crashed, jobs=jobs, seconds=PEER_SECONDS)


def crashed(case: Case) -> Outcome:
    """Return the outcome of a case that ended its process."""
    return Outcome(case.name, case.operator, case.opset, Status.WRONG, CRASHED)


def versions(engine: str) -> dict[str, str]:
    """Return the versions of the packages that decide."""
    own = ("onnx", "onnxruntime", "ai-edge-litert")
    found = {name: importlib.metadata.version(name) for name in own}
    return found if engine == "edgekit" else {**found, **peer_version()}


def show(outcome: Outcome, arguments: argparse.Namespace) -> None:
    """Print what was asked to be listed of an outcome."""
    wanted = {Status.WRONG: arguments.show_wrong, Status.REFUSED: arguments.show_refused}
    title = f"{outcome.case} ({outcome.operator})"
    if wanted.get(outcome.status):
        print(f"{outcome.status} {title}: {outcome.reason}")
    for trial in outcome.older:
        if wanted.get(trial.status):
            print(f"{trial.status} {title} under opset {trial.opset}: {trial.reason}")
    unlisted = (None, IntegerStatus.FULL, IntegerStatus.NO_FLOATS)
    if arguments.show_int8 and outcome.int8 and outcome.int8.status not in unlisted:
        item = outcome.int8
        print(f"{item.status} {title}: {' '.join(item.islands)} {item.reason} {item.sqnr_db}")


if __name__ == "__main__":
    main()
