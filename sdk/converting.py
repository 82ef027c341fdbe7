"""From a model to a proven TFLite file: the stages that `build` and `quantize` share."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edgekit.build_options import QuantizeOptions
from edgekit.build_samples import BuildSamples, named_declarations, read_samples
from edgekit.bundle import TensorSpec
from edgekit.bundle_content import interface_specs
from edgekit.climbing import climb_to_budget
from edgekit.converters.accuracy import Bench, Climb, Judge
from edgekit.converters.cache import Cache
from edgekit.converters.compression import (
    Outcome,
    SettledFinding,
    examine,
    require_fates,
    settle,
)
from edgekit.converters.contract import (
    ContractContext,
    Violation,
    check_contract,
    enforce_contract,
)
from edgekit.converters.engines import (
    Engine,
    EngineError,
    LoweredModel,
    QuantizationRequest,
)
from edgekit.converters.graph import Graph, peak_activation_bytes, read_graph
from edgekit.converters.parity import (
    ParityReport,
    compare_models,
    enforce_parity,
    parity_failures,
)
from edgekit.converters.plan import QuantizationPlan, plan_of
from edgekit.converters.quantize.trained import trained_tensors
from edgekit.converters.request import FourBits
from edgekit.converters.sources import SourceModel
from edgekit.device_profiles import DeviceProfile, FitReport, fit, load_profile, load_runtime
from edgekit.progress import Progress, Stage

__all__ = [
    "Conversion",
    "ConversionResult",
    "Stages",
    "convert",
    "fits_of",
    "load_devices",
    "log_file",
]


class Stages:
    """Tells the progress of each stage and takes its time."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[Stage, float] = {}
        self.progress = progress
        self._current: Stage | None = None
        self._since = time.perf_counter()

    def begin(self, stage: Stage) -> None:
        """End the stage before and begin this one."""
        self.end()
        self.progress.stage(stage)
        self._current = stage

    def end(self) -> None:
        """Take the time of the current stage."""
        now = time.perf_counter()
        if self._current is not None:
            self.seconds[self._current] = now - self._since
        self._since = now


@dataclass(frozen=True, slots=True)
class Conversion:
    """A model that keeps the contract and is close enough to its source.

    Attributes:
        source: What was converted.
        lowered: The float model.
        tflite: The final model.
        inputs: Of the final model, in the source's order.
        outputs: Of the final model, in the source's order.
        plan: How each tensor is stored.
        parity: How far it is from the source.
        accuracy: The ladder that led to it; None where none was climbed.
        devices: Whose contract it keeps.
        fits: Whether it fits each of them.
        waived: Violations that were allowed.
        warnings: What is likely to be wrong.
        findings: What compression left in the source, and what became of it.
    """

    source: SourceModel
    lowered: LoweredModel
    tflite: bytes
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    plan: QuantizationPlan
    parity: ParityReport
    accuracy: Climb | None
    devices: tuple[DeviceProfile, ...]
    fits: tuple[FitReport, ...]
    waived: tuple[Violation, ...]
    warnings: tuple[str, ...]
    findings: tuple[SettledFinding, ...]


@dataclass(frozen=True, slots=True)
class ConversionResult:
    """What every conversion tells about the file that it made.

    Attributes:
        path: The file.
        plan: How each tensor is stored.
        parity: How far it is from the source.
        accuracy: The ladder that led to it; None where none was climbed.
        fits: Whether it fits each device that was asked for.
        waived: Violations that were allowed.
        notices: What was decided for the user.
        warnings: What is likely to be wrong.
        findings: What compression left in the source, and what became of it.
        stage_seconds: Measured wall time of each stage.
    """

    path: Path
    plan: QuantizationPlan
    parity: ParityReport
    accuracy: Climb | None
    fits: tuple[FitReport, ...]
    waived: tuple[Violation, ...]
    notices: tuple[str, ...]
    warnings: tuple[str, ...]
    findings: tuple[SettledFinding, ...]
    stage_seconds: dict[Stage, float]


def convert(
    open_model: Callable[[], SourceModel],
    engine: Engine,
    options: QuantizeOptions,
    devices: tuple[DeviceProfile, ...],
    stages: Stages,
    cache: Cache,
) -> Conversion:
    """Convert a model, hold it against the contract, and prove parity.

    Args:
        open_model: Opens the source.
        engine: What makes the float and the final model, ready for use.
        options: What is asked for.
        devices: Whose contract the result must keep.
        stages: Told of each stage.
        cache: Keeps what rungs of the accuracy ladder learned.

    Raises:
        EdgekitError: What :func:`edgekit.build` raises.
    """
    stages.begin(Stage.SOURCE)
    source = open_model()
    stages.begin(Stage.SAMPLES)
    samples = read_samples(source, options)
    warnings = _warnings(samples)
    _report(stages.progress, source.notices, warnings)
    found = examine(source)
    stages.begin(Stage.LOWER)
    lowered = engine.lower(source)
    stages.begin(Stage.QUANTIZE)
    request = _request(options, devices)
    tflite = engine.quantize(lowered, request, samples.calibration or ())
    stages.begin(Stage.CONTRACT)
    graph = read_graph(tflite)
    waived = _keep_contract(graph, lowered, options, devices)
    findings = settle(found, Outcome(source, lowered, graph, devices))
    require_fates(findings, options.require)
    stages.begin(Stage.PARITY)
    parity = _measure(source, lowered, tflite, samples, stages.progress)
    climbed = None
    calibration = samples.calibration
    if options.climb and calibration and parity_failures(parity, options.thresholds):
        evaluation, thresholds = samples.evaluation, options.thresholds
        islands = options.allow_float_islands
        judge = Judge(source, lowered, evaluation, thresholds, found, devices, islands)
        bench = Bench(lowered, calibration, cache, advance=stages.progress.advance)
        climbed = climb_to_budget(judge, bench, request, (tflite, parity), stages.progress.step)
        best = climbed.verdict
        tflite, graph, parity = best.tflite, best.graph, best.parity
        waived, findings = best.waived, best.findings
    enforce_parity(parity, options.thresholds)
    declarations = named_declarations(source, options.declarations)
    inputs, outputs = interface_specs(source, lowered, graph, declarations)
    return Conversion(
        source=source,
        lowered=lowered,
        tflite=tflite,
        inputs=inputs,
        outputs=outputs,
        plan=_plan(graph, lowered, samples, options, climbed),
        parity=parity,
        accuracy=climbed,
        devices=devices,
        fits=fits_of(graph, devices),
        waived=waived,
        warnings=warnings,
        findings=findings,
    )


def load_devices(options: QuantizeOptions) -> tuple[DeviceProfile, ...]:
    """Return the profiles of the devices that were asked for."""
    return tuple(load_profile(name, folders=options.device_folders) for name in options.devices)


@contextmanager
def log_file(output: Path) -> Iterator[Path]:
    """Yield where engines log; the file stays only for errors that point to it."""
    import platformdirs

    path = platformdirs.user_log_path("edgekit") / f"build-{output.stem}-{os.getpid()}.log"
    wanted = False
    try:
        yield path
    except EngineError:
        wanted = True
        raise
    finally:
        if not wanted:
            path.unlink(missing_ok=True)


def _request(options: QuantizeOptions, devices: Sequence[DeviceProfile]) -> QuantizationRequest:
    per_channel = all(device.runtime.per_channel_fully_connected.value for device in devices)
    return QuantizationRequest(
        scheme=options.scheme,
        io=options.interface,
        per_channel_dense=per_channel,
        float_islands=options.allow_float_islands,
        calibration_method=options.calibration_method,
        int16=tuple(options.int16),
        four_bits=_four_bits(devices) if options.low_bit_weights else FourBits(),
    )


def _four_bits(devices: Sequence[DeviceProfile]) -> FourBits:
    """Return what takes INT4 weights on every device, and here, where parity is proved."""
    runtimes = [load_runtime("litert"), *(device.runtime for device in devices)]
    one = [item.int4_weights.value if item.int4_weights else frozenset() for item in runtimes]
    each = [
        item.int4_weights_per_channel.value if item.int4_weights_per_channel else frozenset()
        for item in runtimes
    ]
    return FourBits(frozenset.intersection(*one), frozenset.intersection(*each))


def _keep_contract(
    graph: Graph,
    lowered: LoweredModel,
    options: QuantizeOptions,
    devices: Sequence[DeviceProfile],
) -> tuple[Violation, ...]:
    context = ContractContext(options.scheme, options.interface, origins=lowered.origins)
    violations = check_contract(graph, context, devices)
    enforce_contract(violations, allow_float_islands=options.allow_float_islands)
    return violations


def _measure(
    source: SourceModel,
    lowered: LoweredModel,
    tflite: bytes,
    samples: BuildSamples,
    progress: Progress,
) -> ParityReport:
    count = len(samples.evaluation)
    return compare_models(
        source,
        lowered,
        tflite,
        samples.evaluation,
        lambda done: progress.advance(done, count),
    )


def _plan(
    graph: Graph,
    lowered: LoweredModel,
    samples: BuildSamples,
    options: QuantizeOptions,
    climbed: Climb | None,
) -> QuantizationPlan:
    calibration = samples.calibration
    method = str(options.calibration_method) if calibration else "no calibration"
    if climbed and climbed.recipe.methods:
        method = "chosen for each tensor"
    return QuantizationPlan(
        scheme=climbed.verdict.scheme if climbed else options.scheme,
        method=method,
        calibration_origin=calibration.description if calibration else None,
        calibration_samples=len(calibration) if calibration else 0,
        calibration_sha256=calibration.sha256 if calibration else None,
        tensors=plan_of(graph.main, trained_tensors(graph.main, lowered.grids)),
    )


def fits_of(graph: Graph, devices: Sequence[DeviceProfile]) -> tuple[FitReport, ...]:
    """Return whether a model's sizes fit the memories of each device."""
    activations = peak_activation_bytes(graph.main)
    return tuple(
        fit(device, model_bytes=graph.size_bytes, activation_bytes=activations)
        for device in devices
    )


def _warnings(samples: BuildSamples) -> tuple[str, ...]:
    if samples.calibration is None:
        return ()
    found = [warning.message for warning in samples.calibration.warnings]
    if samples.evaluation.overlaps:
        found.append(
            "parity is proved on the calibration samples themselves, there are no others; "
            "give --evaluation-data"
        )
    return tuple(found)


def _report(progress: Progress, notices: Sequence[str], warnings: Sequence[str]) -> None:
    for text in notices:
        progress.notice(text)
    for text in warnings:
        progress.warn(text)
