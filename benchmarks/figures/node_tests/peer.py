"""Run cases through the onnx2tf engine, which proves its lowering against onnxruntime.

The proof feeds other values than the case does, also to inputs that are sizes or axes, which
onnx2tf takes as constants without saying so. So a wrong lowering counts as wrong only where
freezing more of the inputs does not make it right.
"""

import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import numpy as np

from edgekit.converters.cache import Cache
from edgekit.converters.engines.onnx2tf_engine import Onnx2tfEngine
from edgekit.converters.interpreting import TfliteRunner
from edgekit.errors import EdgekitError
from edgekit.runtime.interpreter import Kernels
from node_tests.cases import Case, WrongError, compare, freezings, inapplicable, open_case
from node_tests.lowering import reason_of
from node_tests.outcome import Outcome, Status

__all__ = ["peer_runner", "peer_version"]

_SECONDS = 120  # that one lowering may take
_MOST_FREEZINGS = 3  # none, integers, all but the first
_WRONG = "lowering changed the model"


class _LateError(EdgekitError):
    """A lowering that takes too long."""


def peer_version() -> dict[str, str]:
    """Return the versions of what the engine is made of."""
    with tempfile.TemporaryDirectory() as folder:
        engine = Onnx2tfEngine(Cache(Path(folder)), Path(folder) / "log")
        return dict(item.split(" ") for item in engine.version.split(", "))


def peer_runner(kernels: Kernels) -> Callable[[Case], Outcome]:
    """Return a function that runs one case; it keeps an engine open in its process."""
    opened: list[Onnx2tfEngine] = []

    def run(case: Case) -> Outcome:
        if not opened:
            signal.signal(signal.SIGALRM, _late)
            folder = Path(tempfile.mkdtemp(prefix="node-tests-"))
            opened.append(Onnx2tfEngine(Cache(folder / "cache"), folder / "log").__enter__())
        return _run_case(opened[0], case, kernels)

    return run


def _late(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise _LateError(f"it took more than {_SECONDS} s")


def _run_case(engine: Onnx2tfEngine, case: Case, kernels: Kernels) -> Outcome:
    def ended(status: Status, reason: str = "", frozen: tuple[int, ...] = ()) -> Outcome:
        return Outcome(case.name, case.operator, case.opset, status, reason, frozen)

    if reason := inapplicable(case):
        return ended(Status.NOT_APPLICABLE, reason)
    reasons, wrong = [], ""
    for frozen in list(freezings(case))[:_MOST_FREEZINGS]:
        signal.alarm(_SECONDS)
        try:
            _check(engine, case, frozen, kernels)
        except EdgekitError as error:
            if error.message.startswith(_WRONG):
                wrong = wrong or error.message.splitlines()[0]
            reasons.append(reason_of(error))
        except WrongError as error:
            wrong = wrong or str(error)
        except Exception as error:  # noqa: BLE001  (a case that breaks the proof itself)
            reasons.append(f"{type(error).__name__}: {error}")
        else:
            return ended(Status.PASSED_CONSTANT if frozen else Status.PASSED, frozen=frozen)
        finally:
            signal.alarm(0)
    if wrong:
        return ended(Status.WRONG, wrong)
    return ended(Status.REFUSED, " | ".join(dict.fromkeys(reasons)))


def _check(engine: Onnx2tfEngine, case: Case, frozen: tuple[int, ...], kernels: Kernels) -> None:
    source, sample = open_case(case, frozen)
    lowered = engine.lower(source)
    try:
        runner = TfliteRunner(lowered.tflite, lowered.inputs, lowered.outputs, kernels=kernels)
        actual = runner.run(sample)
    except (EdgekitError, RuntimeError, ValueError) as error:
        raise WrongError(f"LiteRT cannot run it: {error}") from error
    for item, expected in zip(lowered.outputs, case.outputs, strict=True):
        value = np.transpose(actual[item.name], np.argsort(item.axes))
        compare(item.name, value, np.asarray(expected), case.rtol, case.atol)
