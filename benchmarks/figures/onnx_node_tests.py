"""Run the ONNX standard's own node tests through our lowering, and say how each case ended.

Every case is lowered and run in LiteRT on its own inputs, and compared with its own expected
outputs. Weights, shapes and indices are inputs there; where a lowering needs one of them
constant, it is frozen to the case's value and the case counts as passed with constant input.

    python benchmarks/figures/onnx_node_tests.py [--json OUT] [--filter PART] [--show-wrong]
"""

import argparse
import json
import multiprocessing
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.converters.graph import write_graph
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.lowering.lower import lower_source
from edgekit.converters.sources.base import SourceModel, SourceTensor
from edgekit.converters.sources.onnx_reference import OnnxReference
from edgekit.converters.sources.opset import declare_settled_opset
from edgekit.converters.sources.rewrites import flatten_old_softmax, split_sums
from edgekit.errors import EdgekitError
from edgekit.runtime.interpreter import Kernels

TYPES = frozenset("bool float32 int8 int16 int32 int64 uint8".split())  # that LiteRT computes with
SECONDS = 60  # that a case may take


class Status(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    PASSED_CONSTANT = "passed with constant input"
    REFUSED = "refused"
    NOT_APPLICABLE = "not applicable"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended and why.

    Attributes:
        case: Its name in the standard.
        operator: What it tests.
        status: How it ended.
        reason: Why it was refused, does not apply, or is wrong.
        transposes: TRANSPOSE operators in what was written.
    """

    case: str
    operator: str
    status: Status
    reason: str = ""
    transposes: int = 0


class WrongError(Exception):
    """The lowered model does not give the expected values."""


def main() -> None:
    """Run the cases, print a table, and write all outcomes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write every outcome there")
    parser.add_argument("--filter", default="", help="part of a case's or operator's name")
    parser.add_argument("--show-wrong", action="store_true", help="list what is wrong")
    parser.add_argument("--show-refused", action="store_true", help="list what is refused")
    parser.add_argument("--kernels", type=Kernels, default=Kernels.BUILTIN, choices=list(Kernels))
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    cases = [
        (operator, case)
        for operator, case in collect()
        if arguments.filter in case.name or arguments.filter == operator
    ]
    outcomes = run_all(cases, arguments.kernels, arguments.jobs)
    print_tables(outcomes)
    shown = [Status.WRONG] * arguments.show_wrong + [Status.REFUSED] * arguments.show_refused
    for outcome in (item for status in shown for item in outcomes if item.status is status):
        print(f"{outcome.status} {outcome.case} ({outcome.operator}): {outcome.reason}")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(item) for item in outcomes], indent=1) + "\n")


def collect() -> list[tuple[str, Any]]:
    """Return the standard's cases with the operator that each one tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        cases = collect_testcases(None)
    plain = {case.name: case.model.graph.node[-1].op_type for case in cases if case.model}
    return [(plain.get(case.name.partition("_expanded")[0], "?"), case) for case in cases]


def run_all(cases: Sequence[tuple[str, Any]], kernels: Kernels, jobs: int) -> list[Outcome]:
    """Run cases in child processes, so that one that crashes the interpreter is an outcome."""
    import onnxruntime
    import onnxscript.optimizer  # noqa: F401  (loaded once, before the children are forked)

    onnxruntime.set_default_logger_severity(4)
    found: dict[int, Outcome] = {}
    waiting = [list(range(len(cases)))[start::jobs] for start in range(jobs)]
    running: list[_Child] = []
    while waiting or running:
        while waiting and len(running) < jobs:
            indices = waiting.pop()
            if indices:
                running.append(_Child(cases, indices, kernels))
        wait([child.receiver for child in running], timeout=1)
        for child in list(running):
            found.update(child.receive())
            if child.is_done:
                running.remove(child)
                waiting.extend(_after(child, cases, found))
    return [found[index] for index in sorted(found)]


def _after(
    child: "_Child", cases: Sequence[tuple[str, Any]], found: dict[int, Outcome]
) -> Iterator[list[int]]:
    """Yield what a child that ended left undone: the case that it died of alone, and the rest."""
    left = [index for index in child.indices if index not in found]
    if not left:
        return
    if len(child.indices) > 1:
        yield left[:1]
        yield left[1:]
        return
    operator, case = cases[left[0]]
    found[left[0]] = Outcome(case.name, operator, Status.WRONG, "crashed or hung the process")


class _Child:
    """A forked process that runs some cases and sends each outcome."""

    def __init__(
        self, cases: Sequence[tuple[str, Any]], indices: list[int], kernels: Kernels
    ) -> None:
        context = multiprocessing.get_context("fork")
        self.indices = indices
        self.receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(cases, indices, kernels, sender))
        self._process.start()
        sender.close()
        self._heard = time.monotonic()
        self.is_done = False

    def receive(self) -> dict[int, Outcome]:
        """Return what has arrived; a child that is silent for too long is ended."""
        items: dict[int, Outcome] = {}
        try:
            while self.receiver.poll():
                index, outcome = self.receiver.recv()
                items[index] = outcome
                self._heard = time.monotonic()
        except EOFError:
            self.is_done = True
        if time.monotonic() - self._heard > SECONDS:
            self._process.kill()
            self.is_done = True
        if self.is_done:
            self._process.join()
        return items


def _work(
    cases: Sequence[tuple[str, Any]], indices: list[int], kernels: Kernels, sender: Connection
) -> None:
    warnings.simplefilter("ignore")
    for index in indices:
        operator, case = cases[index]
        sender.send((index, run_case(operator, case, kernels)))


def run_case(operator: str, case: Any, kernels: Kernels) -> Outcome:
    """Run one case: first as it is, then with ever more of its inputs frozen."""
    reason = inapplicable(case)
    if reason:
        return Outcome(case.name, operator, Status.NOT_APPLICABLE, reason)
    reasons = []
    for frozen in freezings(case):
        try:
            transposes = check(case, frozen, kernels)
        except EdgekitError as error:
            said = error.message.splitlines()[0][:200]
            reasons.append(f"with inputs {frozen} frozen: {said}" if frozen else said)
        except WrongError as error:
            return Outcome(case.name, operator, Status.WRONG, str(error))
        except Exception as error:  # noqa: BLE001  (whatever it is, it is our mistake)
            return Outcome(case.name, operator, Status.WRONG, f"{type(error).__name__}: {error}")
        else:
            status = Status.PASSED_CONSTANT if frozen else Status.PASSED
            return Outcome(case.name, operator, status, "", transposes)
    return Outcome(case.name, operator, Status.REFUSED, " | ".join(reasons))


def inapplicable(case: Any) -> str:
    """Return why a case says nothing about models of ours, empty where it does."""
    from onnx import TensorProto

    graph = case.model.graph
    domains = {node.domain for node in graph.node}
    if (
        "ai.onnx.preview.training" in domains
        or "training" in case.name
        or any(
            item.name == "training_mode" and item.i
            for node in graph.node
            for item in node.attribute
        )
    ):
        return "training"
    for value in (*graph.input, *graph.output):
        if not value.type.HasField("tensor_type"):
            return "sequence or optional"
    for value in (*graph.input, *graph.output):
        name = TensorProto.DataType.Name(value.type.tensor_type.elem_type).lower()
        name = {"float": "float32", "double": "float64"}.get(name, name)
        if name not in TYPES:
            return f"type {name}"
    if not graph.input:
        return "no input"
    if any(node.op_type.startswith("Random") or node.op_type == "Bernoulli" for node in graph.node):
        return "random values"
    return ""


def freezings(case: Any) -> Iterator[tuple[int, ...]]:
    """Yield positions of inputs to freeze: none, integers, all but the first, all but another."""
    values = case.data_sets[0][0]
    count = len(values)
    tried = [
        (),
        tuple(index for index in range(1, count) if values[index].dtype.kind in "iub"),
        tuple(range(1, count)),
        *(tuple(index for index in range(count) if index != kept) for kept in range(1, count)),
    ]
    yield from dict.fromkeys(tried)


def check(case: Any, frozen: tuple[int, ...], kernels: Kernels) -> int:
    """Lower and run a case, return how many TRANSPOSE it took.

    Raises:
        EdgekitError: It is refused.
        WrongError: What was written does not load, does not run or gives other values.
    """
    outputs = case.data_sets[0][1]
    source, sample = open_case(case, frozen)
    lowered = lower_source(source)
    names = [
        Interface(item.name, axes)
        for item, axes in zip(source.inputs, lowered.input_axes, strict=True)
    ]
    results = [
        Interface(item.name, axes)
        for item, axes in zip(source.outputs, lowered.output_axes, strict=True)
    ]
    try:
        actual = TfliteRunner(write_graph(lowered.graph), names, results, kernels=kernels).run(
            sample
        )
    except (EdgekitError, RuntimeError, ValueError) as error:
        raise WrongError(f"LiteRT cannot run it: {error}") from error
    for item, expected in zip(results, outputs, strict=True):
        value = np.transpose(actual[item.name], np.argsort(item.axes))
        compare(item.name, value, np.asarray(expected), case.rtol, case.atol)
    return sum(item.kind == "TRANSPOSE" for item in lowered.graph.main.operators)


def open_case(case: Any, frozen: tuple[int, ...]) -> tuple[SourceModel, dict[str, Any]]:
    """Return a case as a source with the shapes of its data, and its computed inputs."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.ModelProto.FromString(case.model.SerializeToString())
    declare_settled_opset(model)
    graph = model.graph
    values = [np.asarray(value) for value in case.data_sets[0][0]]
    named = list(zip(graph.input, values, strict=True))
    del graph.input[:]
    sample = {}
    for index, (value, data) in enumerate(named):
        if index in frozen:
            graph.initializer.append(numpy_helper.from_array(data, value.name))
            continue
        sample[value.name] = data
        kind = value.type.tensor_type.elem_type
        graph.input.append(helper.make_tensor_value_info(value.name, kind, data.shape))
    split_sums(graph)
    flatten_old_softmax(model)
    content = model.SerializeToString()
    source = SourceModel(
        kind="onnx",
        name=case.name,
        onnx=content,
        inputs=tuple(SourceTensor(k, v.dtype.name, v.shape) for k, v in sample.items()),
        outputs=tuple(
            SourceTensor(item.name, value.dtype.name, value.shape)
            for item, value in zip(graph.output, map(np.asarray, case.data_sets[0][1]), strict=True)
        ),
        reference=OnnxReference(content),
    )
    return source, sample


def compare(name: str, actual: Any, expected: Any, rtol: float, atol: float) -> None:
    """Hold an output against the expected one.

    Raises:
        WrongError: Type, shape or a value differs.
    """
    if actual.dtype != expected.dtype or actual.shape != expected.shape:
        raise WrongError(
            f"'{name}' is {actual.dtype}{actual.shape}, not {expected.dtype}{expected.shape}"
        )
    if not np.allclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True):
        with np.errstate(invalid="ignore"):
            apart = np.abs(actual.astype(np.float64) - expected.astype(np.float64))
        largest = np.nanmax(np.abs(expected))
        raise WrongError(f"'{name}' differs by up to {np.nanmax(apart):.3g} (of {largest:.3g})")


def print_tables(outcomes: Sequence[Outcome]) -> None:
    """Print how many cases of each operator ended how, and the totals."""
    statuses = list(Status)
    by_operator: dict[str, Counter[Status]] = {}
    for outcome in outcomes:
        by_operator.setdefault(outcome.operator, Counter())[outcome.status] += 1
    print(f"{'operator':28}" + "".join(f"{_SHORT[status]:>10}" for status in statuses))
    for operator, counts in sorted(by_operator.items()):
        print(f"{operator:28}" + "".join(f"{counts[status] or '':>10}" for status in statuses))
    totals = Counter(outcome.status for outcome in outcomes)
    print(f"{'all':28}" + "".join(f"{totals[status]:>10}" for status in statuses))


_SHORT = {
    Status.PASSED: "passed",
    Status.PASSED_CONSTANT: "constant",
    Status.REFUSED: "refused",
    Status.NOT_APPLICABLE: "n/a",
    Status.WRONG: "WRONG",
}

if __name__ == "__main__":
    main()
