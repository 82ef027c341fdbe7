"""Run cases through our own lowering, in float: as they are, and under older opsets."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from edgekit.converters.graph import write_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.lowering import LoweredGraph, RefusedError, lower_source
from edgekit.converters.sources.base import SourceModel
from edgekit.converters.sources.onnx_reference import OnnxReference
from edgekit.errors import EdgekitError
from edgekit.runtime.interpreter import Kernels
from node_tests.cases import (
    Case,
    WrongError,
    compare,
    freezings,
    inapplicable,
    open_case,
    open_model,
)
from node_tests.outcome import Outcome, Status, Trial

__all__ = ["reason_of", "run_case", "run_older"]

_OLDEST = 11  # opset
_OLD_IR = 7  # that every onnxruntime reads


def run_case(case: Case, kernels: Kernels) -> Outcome:
    """Run one case: first as it is, then with ever more of its inputs frozen."""

    def ended(status: Status, reason: str = "", **more: Any) -> Outcome:
        return Outcome(case.name, case.operator, case.opset, status, reason, **more)

    if reason := inapplicable(case):
        return ended(Status.NOT_APPLICABLE, reason)
    reasons = []
    for frozen in freezings(case):
        try:
            source, sample = open_case(case, frozen)
            lowered = check(source, sample, case.outputs, (case.rtol, case.atol), kernels)
        except EdgekitError as error:
            reasons.append(reason_of(error))
        except WrongError as error:
            return ended(Status.WRONG, str(error))
        except Exception as error:  # noqa: BLE001  (whatever it is, it is our mistake)
            return ended(Status.WRONG, f"{type(error).__name__}: {error}")
        else:
            kinds = [item.kind for item in lowered.graph.main.operators]
            return ended(
                Status.PASSED_CONSTANT if frozen else Status.PASSED,
                frozen=frozen,
                kinds=tuple(sorted(set(kinds))),
                transposes=kinds.count("TRANSPOSE"),
            )
    return ended(Status.REFUSED, " | ".join(dict.fromkeys(reasons)))


def reason_of(error: EdgekitError) -> str:
    """Return why a source was not taken, without the names that its nodes have by chance."""
    if isinstance(error, RefusedError):
        return error.why
    said = error.message.splitlines()[0][:200]
    if found := re.match(r"(onnxruntime cannot \w+ the model): \[ONNX\w+\] : \d+ : (\w+)", said):
        return f"{found[1]} ({found[2].replace('_', ' ').lower()})"
    return said


def check(
    source: SourceModel,
    sample: dict[str, Any],
    outputs: Sequence[Any],
    tolerances: tuple[float, float],
    kernels: Kernels,
) -> LoweredGraph:
    """Lower a source, run it and compare.

    Args:
        source: The source.
        sample: Its inputs.
        outputs: The values to expect, in the source's order.
        tolerances: Relative and absolute.
        kernels: Which kernels compute.

    Raises:
        EdgekitError: It is refused.
        WrongError: What was written does not load, does not run or gives other values.
    """
    lowered = lower_source(source)
    results = lowered.outputs
    try:
        runner = TfliteRunner(write_graph(lowered.graph), lowered.inputs, results, kernels=kernels)
        actual = runner.run(sample)
    except (EdgekitError, RuntimeError, ValueError) as error:
        raise WrongError(f"LiteRT cannot run it: {error}") from error
    for item, expected in zip(results, outputs, strict=True):
        value = np.transpose(actual[item.name], np.argsort(item.axes))
        if source.notices:  # selected boxes: the rows of -1 only fill the fixed number up
            value = value[value[:, 0] >= 0]
        compare(item.name, value, np.asarray(expected), *tolerances)
    return lowered


def run_older(case: Case, outcome: Outcome, kernels: Kernels) -> tuple[Trial, ...]:
    """Run a case of one node under each older version of its operator that can express it.

    The values to expect are those that onnxruntime gives under the old opset, since some
    operators meant something else then.
    """
    if len(case.model.graph.node) != 1 or case.model.graph.node[0].domain:
        return ()
    return tuple(
        trial
        for opset in _older_opsets(case)
        if (trial := _try_older(case, opset, outcome.frozen, kernels))
    )


def _older_opsets(case: Case) -> list[int]:
    from onnx import defs

    history = defs.get_all_schemas_with_history()
    versions = [s.since_version for s in history if s.name == case.operator and not s.domain]
    in_force = {max(version, _OLDEST) for version in versions if version < case.opset}
    return sorted(opset for opset in in_force if opset < case.opset)


def _try_older(case: Case, opset: int, frozen: tuple[int, ...], kernels: Kernels) -> Trial | None:
    for model in _older_models(case, opset, frozen):
        try:
            values = {value.name: np.asarray(data) for value, data in _computed(model, case)}
            results = OnnxReference(model.SerializeToString()).run(values)
            outputs = [results[item.name] for item in model.graph.output]
            source, sample = open_model(case.name, model, list(values.values()), outputs, ())
        except EdgekitError:
            continue
        try:
            check(source, sample, outputs, (case.rtol, case.atol), kernels)
        except EdgekitError as error:
            return Trial(opset, Status.REFUSED, reason_of(error))
        except Exception as error:  # noqa: BLE001  (whatever it is, it is our mistake)
            return Trial(opset, Status.WRONG, f"{type(error).__name__}: {error}")
        return Trial(opset, Status.PASSED_CONSTANT if frozen else Status.PASSED)
    return None


def _computed(model: Any, case: Case) -> Iterator[tuple[Any, Any]]:
    given = zip((item.name for item in case.model.graph.input), case.inputs, strict=True)
    values = dict(given)
    return ((item, values[item.name]) for item in model.graph.input)


def _older_models(case: Case, opset: int, frozen: tuple[int, ...]) -> Iterator[Any]:
    """Yield the case's model under an older opset: declared so, or by ONNX's converter."""
    import onnx
    from onnx import version_converter

    source, _ = open_case(case, frozen)
    current = onnx.load_from_string(source.content)
    if len(current.graph.node) != 1:
        return
    declared = onnx.ModelProto.FromString(source.content)
    declared.opset_import[0].version = opset
    declared.ir_version = _OLD_IR
    try:
        onnx.checker.check_model(declared)
        yield declared
    except onnx.checker.ValidationError:
        pass
    try:
        converted = version_converter.convert_version(current, opset)
        onnx.checker.check_model(converted)
        yield converted
    except (RuntimeError, version_converter.ConvertError, onnx.checker.ValidationError):
        return
