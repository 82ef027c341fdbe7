"""Compare the engines that can run a bundle, or the source that it was built from."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from edgekit.benchmarks import Inputs, random_inputs
from edgekit.benchmarks.engines import (
    EngineCase,
    EngineOptions,
    EngineTable,
    measure_engines,
)
from edgekit.bundle import Bundle
from edgekit.converters.sources import SourceError, SourceModel, open_source
from edgekit.converters.sources.base import SourceFormat
from edgekit.errors import UnreadableFileError
from edgekit.progress import Progress

__all__ = ["compare_engines"]


def compare_engines(
    bundle: Bundle | str | Path,
    engines: Sequence[str] | None = None,
    *,
    source: str | Path | None = None,
    qdq: str | Path | None = None,
    inputs: Sequence[Inputs] = (),
    options: EngineOptions | None = None,
    progress: Progress | None = None,
) -> EngineTable:
    """Run the same model by several engines, and return one table with outputs compared.

    Args:
        bundle: An open bundle, or the path of one.
        engines: Names in the order of the table; every engine by default. The first with a
            latency is what the others' latencies are divided by.
        source: What the bundle was built from, an ``.onnx``, ``.py`` or ``.pt2``. Without it,
            the engines that run sources say so in their rows.
        qdq: The source as a quantized ``.onnx`` for onnxruntime; made here when None.
        inputs: Raw arrays by the names of the inputs, one mapping for each sample. Random ones
            by default, which say nothing of accuracy.
        options: How long and with what.
        progress: Hears how far it is.

    Raises:
        BundleError: The bundle cannot be read or trusted.
        SourceError: The source cannot be opened, or is not what the bundle was built from.
        UnreadableFileError: A file cannot be read.
        UnknownNameError: There is no such engine.
        InvalidOptionError: An option or an input makes no sense.
    """
    opened = bundle if isinstance(bundle, Bundle) else Bundle.open(bundle)
    options = EngineOptions() if options is None else options
    manifest = opened.manifest
    case = EngineCase(
        name=manifest.name,
        model=opened.model,
        inputs=manifest.inputs,
        outputs=manifest.outputs,
        samples=tuple(inputs or random_inputs(manifest.inputs, seed=options.seed)),
        threads=options.threads,
    )
    if source is not None:
        case = _with_source(case, Path(source))
    if qdq is not None:
        case = replace(case, onnx_qdq=_read(Path(qdq)))
    count = len(case.samples)
    description = f"given, {count} sample{'s' * (count > 1)}" if inputs else "random"
    return measure_engines(
        case,
        engines,
        options,
        inputs=description if inputs else f"{description}, seed {options.seed}",
        source=None if source is None else Path(source).name,
        progress=progress,
    )


def _with_source(case: EngineCase, path: Path) -> EngineCase:
    """Add the forms of a source; opening it refuses code that comes as data."""
    model = open_source(path)
    _check_interface(case, model, path)
    if model.format is not SourceFormat.ONNX:
        raise SourceError(
            f"{path.name} is what TFLite engines run anyway",
            hint="give the .onnx, .py or .pt2 that it was made of, or no source",
        )
    suffix = path.suffix.lower()
    if suffix != ".onnx":
        return replace(case, onnx=model.content, torch_file=path.resolve())
    if model.trained:
        # It is quantized: what computes without its grids is the canonical model.
        return replace(case, onnx=model.content, onnx_qdq=_read(path))
    return replace(case, onnx=_read(path))


def _check_interface(case: EngineCase, model: SourceModel, path: Path) -> None:
    pairs = (("input", case.inputs, model.inputs), ("output", case.outputs, model.outputs))
    for kind, specs, tensors in pairs:
        wanted = {spec.name: spec.source_shape for spec in specs}
        found = {tensor.name: tensor.shape for tensor in tensors}
        if wanted != found:
            raise SourceError(
                f"{path.name} is not what bundle '{case.name}' was built from: "
                f"its {kind}s are {found}, the bundle's {wanted}",
                hint="give the source of this bundle",
            )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or str(error)) from error
