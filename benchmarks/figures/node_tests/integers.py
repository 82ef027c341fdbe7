"""Make the int8 model of a case that passed, and hold it against the error of its roundings.

Calibration takes the case's inputs and a few perturbed ones. The int8 model is judged on the
case's own inputs. Its error is explained when an output has an SQNR of 20 dB, or when each of
its values is within twice what the float model does under inputs that are moved by up to one
int8 step, plus four steps of the output. The second judges functions that jump (Floor, ArgMax)
and outputs near zero, for which SQNR says nothing.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.cache import Cache
from edgekit.converters.contract import ContractContext, check_contract
from edgekit.converters.engines.base import LoweredModel
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import Graph, read_graph, write_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.lowering import lower_source
from edgekit.converters.parity.metrics import PairedSums
from edgekit.converters.request import QuantizationRequest
from edgekit.errors import EdgekitError
from edgekit.runtime.errors import QuantizationError
from edgekit.runtime.interpreter import Kernels
from node_tests.cases import Case, open_case
from node_tests.lowering import reason_of
from node_tests.outcome import Integer, IntegerStatus, Outcome

__all__ = ["run_integer"]

_CALIBRATION, _JUDGING = 4, 16  # perturbed inputs
_SPREAD = 0.05  # of calibration, in the input's span
_ENOUGH_DB = 20.0
_STEPS = 255  # of an int8 grid
_OUTPUT_STEPS = 4
_BRIDGES = ("QUANTIZE", "DEQUANTIZE")

Sample = dict[str, npt.NDArray[Any]]


def run_integer(case: Case, outcome: Outcome, kernels: Kernels) -> Integer:
    """Quantize a case that passed in float, and say how its int8 model ended."""
    source, sample = open_case(case, outcome.frozen)
    lowered = lower_source(source)
    inputs, outputs = lowered.inputs, lowered.outputs
    if not any(item.dtype.is_float for item in lowered.graph.main.tensors):
        return Integer(IntegerStatus.NO_FLOATS)
    model = LoweredModel(
        tflite=write_graph(lowered.graph),
        inputs=inputs,
        outputs=outputs,
        origins=lowered.origins,
        directory=Path(),
        from_cache=False,
    )
    seeds = range(_CALIBRATION)
    samples = [sample, *(_perturbed(sample, _SPREAD, seed, clip=True) for seed in seeds)]
    try:
        made = _quantized(model, samples)
    except EdgekitError as error:
        return Integer(IntegerStatus.REFUSED, reason=reason_of(error))
    except Exception as error:  # noqa: BLE001  (whatever it is, it is our mistake)
        return Integer(IntegerStatus.FAILED, reason=f"{type(error).__name__}: {error}"[:200])
    try:
        actual = TfliteRunner(made, inputs, outputs, kernels=kernels).run(sample)
    except QuantizationError as error:  # its inputs are no numbers
        return Integer(IntegerStatus.REFUSED, reason=reason_of(error))
    except Exception as error:  # noqa: BLE001  (whatever it is, it is our mistake)
        return Integer(IntegerStatus.FAILED, reason=f"{type(error).__name__}: {error}"[:200])
    graph = read_graph(made)
    broken = check_contract(graph, ContractContext(Scheme.INT8, Io.INT8))
    islands = tuple(sorted(_islands(graph)))
    if any(not item.is_float_island for item in broken):
        said = next(item.rule for item in broken if not item.is_float_island)
        return Integer(IntegerStatus.REFUSED, islands, reason=f"breaks the contract: {said}"[:200])
    runner = TfliteRunner(model.tflite, inputs, outputs, kernels=kernels)
    figure, reason = _judge(runner, sample, actual)
    if reason:
        return Integer(IntegerStatus.IMPRECISE, islands, figure, reason)
    status = IntegerStatus.ISLANDS if broken else IntegerStatus.FULL
    return Integer(status, islands, figure)


def _quantized(model: LoweredModel, samples: Sequence[Sample]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        engine = OwnEngine(Cache(Path(folder)), Path(folder) / "log")
        return engine.quantize(model, QuantizationRequest(float_islands=True), samples)


def _islands(graph: Graph) -> set[str]:
    main = graph.main
    return {
        item.kind
        for item in main.operators
        if item.kind not in _BRIDGES
        and any(tensor.dtype.is_float for tensor in (*main.inputs_of(item), *main.outputs_of(item)))
    }


def _perturbed(sample: Sample, spread: float, seed: int, *, clip: bool) -> Sample:
    """Move each float by up to ``spread`` of its input's span; within it where asked for."""
    generator = np.random.default_rng(seed)
    moved = dict(sample)
    for name, values in sample.items():
        finite = values[np.isfinite(values)]
        if values.dtype.kind != "f" or not finite.size:
            continue
        low, high = min(float(finite.min()), 0.0), max(float(finite.max()), 0.0)
        noise = generator.uniform(-1.0, 1.0, values.shape) * spread * (high - low)
        result = values + noise
        if clip:
            result = np.clip(result, finite.min(), finite.max())
        moved[name] = np.asarray(result, values.dtype)
    return moved


def _judge(runner: TfliteRunner, sample: Sample, actual: Sample) -> tuple[float | None, str]:
    """Return the SQNR of all float outputs, and which output is off by how much, if one is."""
    expected = {name: values.copy() for name, values in runner.run(sample).items()}
    others = [
        {name: values.copy() for name, values in runner.run(moved).items()}
        for moved in _neighbours(sample)
    ]
    together = PairedSums()
    reason = ""
    for name, wanted in expected.items():
        given = actual[name]
        finite = np.isfinite(wanted) if wanted.dtype.kind == "f" else np.ones(wanted.shape, bool)
        error = np.abs(given[finite].astype(np.float64) - wanted[finite].astype(np.float64))
        sums = PairedSums()
        sums.add(wanted[finite], given[finite])
        if wanted.dtype.kind == "f":
            together.add(wanted[finite], given[finite])
        allowed = _allowed(wanted, [item[name] for item in others])[finite]
        if not (np.all(error <= allowed) or sums.sqnr_db >= _ENOUGH_DB):
            reason = f"'{name}' is off by {error.max():.3g}, {sums.sqnr_db:.1f} dB"
    figure = together.sqnr_db
    return (round(figure, 1) if np.isfinite(figure) else None), reason


def _neighbours(sample: Sample) -> Iterator[Sample]:
    for seed in range(_JUDGING):
        yield _perturbed(sample, 1.0 / _STEPS, seed, clip=False)


def _allowed(
    wanted: npt.NDArray[Any], others: Sequence[npt.NDArray[Any]]
) -> npt.NDArray[np.float64]:
    """Return how far each value of an output may be off."""
    values = wanted.astype(np.float64)
    spread = np.zeros(values.shape)
    for other in others:
        with np.errstate(invalid="ignore"):
            apart = np.abs(other.astype(np.float64) - values)
        spread = np.fmax(spread, np.where(np.isfinite(apart), apart, np.inf))
    if wanted.dtype.kind != "f":
        return np.where(spread > 0, np.inf, 0.0)
    finite = values[np.isfinite(values)]
    span = max(finite.max(initial=0.0), 0.0) - min(finite.min(initial=0.0), 0.0)
    return 2 * spread + _OUTPUT_STEPS * span / _STEPS
