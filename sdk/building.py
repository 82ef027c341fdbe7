"""One command from a model to a proven bundle: the order of the stages."""

import errno
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgekit import __version__
from edgekit.build_options import BuildOptions
from edgekit.build_samples import BuildSamples, named_declarations, read_samples
from edgekit.bundle import Manifest, SourceInfo, write_bundle
from edgekit.bundle_content import bundle_members, interface_specs
from edgekit.converters.cache import Cache
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
    open_engine,
)
from edgekit.converters.graph import Graph, peak_activation_bytes, read_graph
from edgekit.converters.parity import ParityReport, compare_models, enforce_parity
from edgekit.converters.plan import QuantizationPlan, plan_of
from edgekit.converters.sources import SourceModel, open_source
from edgekit.device_profiles import DeviceProfile, FitReport, fit, load_profile
from edgekit.errors import WriteError
from edgekit.progress import Progress, SilentProgress, Stage

__all__ = ["BuildResult", "build"]


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build made.

    Attributes:
        path: The bundle.
        manifest: What is in it.
        plan: How each tensor is stored.
        parity: How far it is from the source.
        fits: Whether it fits each device that was asked for.
        waived: Violations that were allowed.
        notices: What was decided for the user.
        warnings: What is likely to be wrong.
        lowering_from_cache: Whether an earlier lowering was reused.
        stage_seconds: Measured wall time of each stage.
    """

    path: Path
    manifest: Manifest
    plan: QuantizationPlan
    parity: ParityReport
    fits: tuple[FitReport, ...]
    waived: tuple[Violation, ...]
    notices: tuple[str, ...]
    warnings: tuple[str, ...]
    lowering_from_cache: bool
    stage_seconds: dict[Stage, float]


class _Stages:
    """Tells the progress of each stage and takes its time."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[Stage, float] = {}
        self.progress = progress
        self._current: Stage | None = None
        self._since = time.perf_counter()

    def begin(self, stage: Stage) -> None:
        self.end()
        self.progress.stage(stage)
        self._current = stage

    def end(self) -> None:
        now = time.perf_counter()
        if self._current is not None:
            self.seconds[self._current] = now - self._since
        self._since = now


def build(
    model: Any,
    output: str | Path,
    options: BuildOptions | None = None,
    *,
    example_inputs: tuple[Any, ...] | None = None,
    progress: Progress | None = None,
) -> BuildResult:
    """Convert a model, prove that nothing was lost, and write a bundle.

    Args:
        model: Path of an ``.onnx``, ``.pt2`` or ``.py`` file, a ``torch.nn.Module`` or a
            ``torch.export.ExportedProgram``.
        output: Where the bundle goes, ``name.edgekit``; written last, and whole.
        options: What to build.
        example_inputs: Inputs of a ``torch.nn.Module``.
        progress: Told of stages and warnings.

    Returns:
        What was made. Nothing is written when an error is raised.

    Raises:
        SourceError: The model cannot be taken.
        CalibrationError: The samples cannot be used.
        EngineError: The engine cannot lower or quantize the model.
        ContractError: The result is not what was asked for, or a device cannot run it.
        ParityError: The result is too far from the source.
        WriteError: The bundle cannot be written.
    """
    options = options or BuildOptions()
    stages = _Stages(progress or SilentProgress())
    output = Path(output)
    _check_output(output)
    devices = [load_profile(name, folders=options.device_folders) for name in options.devices]
    cache = Cache(options.cache_folder)
    with _log_file(output) as log, open_engine(options.engine, cache, log) as engine:
        stages.begin(Stage.SOURCE)
        source = open_source(
            model,
            example_inputs=example_inputs,
            input_shapes=options.input_shapes,
            trust_pickle=options.trust_pickle,
        )
        stages.begin(Stage.SAMPLES)
        samples = read_samples(source, options)
        warnings = _warnings(samples)
        _report(stages.progress, source.notices, warnings)
        converted = _convert(engine, source, samples, devices, options, stages)
        stages.begin(Stage.PARITY)
        parity = _prove(source, samples, converted, options, stages.progress)
        stages.begin(Stage.BUNDLE)
        plan = _plan(converted.graph, samples, options, engine)
        manifest = _manifest(source, converted, options, engine, output, devices)
        members = bundle_members(converted.tflite, manifest, plan, parity, options.class_names)
        manifest = write_bundle(output, manifest, members)
    stages.end()
    return BuildResult(
        path=output,
        manifest=manifest,
        plan=plan,
        parity=parity,
        fits=_fits(converted.graph, devices),
        waived=converted.waived,
        notices=source.notices,
        warnings=warnings,
        lowering_from_cache=converted.lowered.from_cache,
        stage_seconds=stages.seconds,
    )


@dataclass(frozen=True, slots=True)
class _Converted:
    """A model that keeps the contract: float, final, and as a graph."""

    lowered: LoweredModel
    tflite: bytes
    graph: Graph
    waived: tuple[Violation, ...]


def _convert(
    engine: Engine,
    source: SourceModel,
    samples: BuildSamples,
    devices: Sequence[DeviceProfile],
    options: BuildOptions,
    stages: _Stages,
) -> _Converted:
    stages.begin(Stage.LOWER)
    lowered = engine.lower(source)
    stages.begin(Stage.QUANTIZE)
    request = QuantizationRequest(
        scheme=options.scheme,
        io=options.interface,
        per_channel_dense=_all_take_per_channel_dense(devices),
        float_islands=options.allow_float_islands,
    )
    tflite = engine.quantize(lowered, request, samples.calibration or ())
    stages.begin(Stage.CONTRACT)
    graph = read_graph(tflite)
    context = ContractContext(options.scheme, options.interface, origins=lowered.origins)
    violations = check_contract(graph, context, devices)
    enforce_contract(violations, allow_float_islands=options.allow_float_islands)
    return _Converted(lowered, tflite, graph, violations)


def _prove(
    source: SourceModel,
    samples: BuildSamples,
    converted: _Converted,
    options: BuildOptions,
    progress: Progress,
) -> ParityReport:
    count = len(samples.evaluation)
    report = compare_models(
        source,
        converted.lowered,
        converted.tflite,
        samples.evaluation,
        lambda done: progress.advance(done, count),
    )
    enforce_parity(report, options.thresholds)
    return report


def _plan(
    graph: Graph, samples: BuildSamples, options: BuildOptions, engine: Engine
) -> QuantizationPlan:
    calibration = samples.calibration
    return QuantizationPlan(
        scheme=options.scheme,
        method=f"{engine.name} engine's own" if calibration else "no calibration",
        calibration_origin=calibration.description if calibration else None,
        calibration_samples=len(calibration) if calibration else 0,
        calibration_sha256=calibration.sha256 if calibration else None,
        tensors=plan_of(graph.main),
    )


def _manifest(
    source: SourceModel,
    converted: _Converted,
    options: BuildOptions,
    engine: Engine,
    output: Path,
    devices: Sequence[DeviceProfile],
) -> Manifest:
    declarations = named_declarations(source, options.declarations)
    inputs, outputs = interface_specs(source, converted.lowered, converted.graph, declarations)
    return Manifest(
        name=output.stem,
        edgekit_version=__version__,
        engine=f"{engine.name} ({engine.version})",
        scheme=options.scheme,
        source=SourceInfo(kind=source.kind, name=source.name, sha256=source.sha256),
        inputs=inputs,
        outputs=outputs,
        devices=tuple(device.name for device in devices),
        float_islands=options.allow_float_islands,
    )


def _fits(graph: Graph, devices: Sequence[DeviceProfile]) -> tuple[FitReport, ...]:
    activations = peak_activation_bytes(graph.main)
    return tuple(
        fit(device, model_bytes=graph.size_bytes, activation_bytes=activations)
        for device in devices
    )


def _all_take_per_channel_dense(devices: Sequence[DeviceProfile]) -> bool:
    return all(device.runtime.per_channel_fully_connected.value for device in devices)


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


def _check_output(path: Path) -> None:
    """Refuse a place that cannot be written before the work, not after it."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    problem = None
    if path.is_dir():
        problem = errno.EISDIR
    elif not folder.is_dir():
        problem = errno.ENOTDIR
    elif not os.access(folder, os.W_OK):
        problem = errno.EACCES
    if problem is not None:
        raise WriteError(path, OSError(problem, os.strerror(problem)))


@contextmanager
def _log_file(output: Path) -> Iterator[Path]:
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
