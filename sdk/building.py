"""One command from a model to a proven bundle."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgekit import __version__
from edgekit.build_options import BuildOptions
from edgekit.bundle import Manifest, SourceInfo, write_bundle
from edgekit.bundle_content import bundle_members
from edgekit.converters.cache import Cache
from edgekit.converters.compression import Outcome, Palette, packed_weights, palette_members
from edgekit.converters.engines import Engine, open_engine
from edgekit.converters.graph import read_graph
from edgekit.converters.plugins import loaded_plugins
from edgekit.converters.sources import open_source
from edgekit.converting import (
    Conversion,
    ConversionResult,
    Stages,
    convert,
    load_devices,
    log_file,
)
from edgekit.files import check_output
from edgekit.progress import Progress, SilentProgress, Stage

__all__ = ["BuildResult", "build"]


@dataclass(frozen=True, slots=True)
class BuildResult(ConversionResult):
    """What a build made.

    Attributes:
        manifest: What is in the bundle.
        lowering_from_cache: Whether an earlier lowering was reused.
    """

    manifest: Manifest
    lowering_from_cache: bool


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
        model: Path of an ``.onnx``, float ``.tflite``, ``.pt2`` or ``.py`` file, a
            ``torch.nn.Module`` or a ``torch.export.ExportedProgram``.
        output: Where the bundle goes, ``name.edgekit``; written last, and whole.
        options: What to build.
        example_inputs: Inputs of a ``torch.nn.Module``.
        progress: Told of stages and warnings.

    Returns:
        What was made. Nothing is written when an error is raised.

    Raises:
        UnreadableFileError: A plugin or the model cannot be read.
        SourceError: The model cannot be taken.
        CalibrationError: The samples cannot be used.
        EngineError: The engine cannot lower or quantize the model.
        ContractError: The result is not what was asked for, or a device cannot run it.
        ParityError: The result is too far from the source.
        WriteError: The bundle cannot be written.
    """
    options = options or BuildOptions()
    stages = Stages(progress or SilentProgress())
    output = Path(output)
    check_output(output)
    devices = load_devices(options)
    cache = Cache(options.cache_folder)
    with (
        loaded_plugins(options.plugins),
        log_file(output) as log,
        open_engine(options.engine, cache, log) as engine,
    ):
        done = convert(
            lambda: open_source(
                model,
                example_inputs=example_inputs,
                input_shapes=options.input_shapes,
                trust_pickle=options.trust_pickle,
                adapter=options.adapter,
            ),
            engine,
            options,
            devices,
            stages,
            cache,
        )
        stages.begin(Stage.WRITE)
        manifest = _manifest(done, options, engine, output)
        members = bundle_members(
            done.tflite,
            manifest,
            done.plan,
            done.parity,
            done.findings,
            options.class_names,
            done.accuracy,
        )
        members.update(palette_members(_palettes(done)))
        manifest = write_bundle(output, manifest, members)
    stages.end()
    return _result(done, manifest, output, stages)


def _palettes(done: Conversion) -> tuple[Palette, ...]:
    outcome = Outcome(done.source, done.lowered, read_graph(done.tflite), done.devices)
    return packed_weights([item.finding for item in done.findings], outcome)


def _manifest(done: Conversion, options: BuildOptions, engine: Engine, output: Path) -> Manifest:
    source = done.source
    return Manifest(
        name=output.stem,
        edgekit_version=__version__,
        engine=f"{engine.name} ({engine.version})",
        scheme=done.plan.scheme,
        source=SourceInfo(kind=source.kind, name=source.name, sha256=source.sha256),
        inputs=done.inputs,
        outputs=done.outputs,
        devices=tuple(device.name for device in done.devices),
        float_islands=options.allow_float_islands,
    )


def _result(done: Conversion, manifest: Manifest, output: Path, stages: Stages) -> BuildResult:
    return BuildResult(
        path=output,
        plan=done.plan,
        parity=done.parity,
        accuracy=done.accuracy,
        fits=done.fits,
        waived=done.waived,
        notices=done.source.notices,
        warnings=done.warnings,
        findings=done.findings,
        stage_seconds=stages.seconds,
        manifest=manifest,
        lowering_from_cache=done.lowered.from_cache,
    )
