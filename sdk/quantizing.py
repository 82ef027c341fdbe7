"""From a float `.tflite` to an integer one, with the proof that a bundle gets."""

from dataclasses import dataclass
from pathlib import Path

from edgekit.build_options import OptionError, QuantizeOptions
from edgekit.bundle import Scheme, SourceInfo, TensorSpec
from edgekit.converters.cache import Cache
from edgekit.converters.engines import open_engine
from edgekit.converters.graph import TFLITE_METADATA, read_graph
from edgekit.converters.sources import SourceError, open_source
from edgekit.converters.tflite_metadata import with_files_of, with_metadata
from edgekit.converting import (
    Conversion,
    ConversionResult,
    Stages,
    convert,
    load_devices,
    log_file,
)
from edgekit.files import atomic_write, check_output
from edgekit.progress import Progress, SilentProgress, Stage

__all__ = ["QuantizeResult", "quantize"]

_ENGINE = "edgekit"  # the only one that takes TFLite


@dataclass(frozen=True, slots=True)
class QuantizeResult(ConversionResult):
    """What a quantization made.

    Attributes:
        scheme: How weights and activations are stored.
        engine: Name and version of the engine that made the integers.
        source: The float model.
        inputs: Of the integer model, in the file's order.
        outputs: Of the integer model, in the file's order.
    """

    scheme: Scheme
    engine: str
    source: SourceInfo
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


def quantize(
    model: str | Path,
    output: str | Path,
    options: QuantizeOptions | None = None,
    *,
    progress: Progress | None = None,
) -> QuantizeResult:
    """Make a float TFLite model integer, prove that nothing was lost, and write it.

    Names of inputs and outputs, signatures and TFLite Metadata with its files stay. Where the
    model has no metadata, or where pictures or class names are declared, metadata are written
    as for a bundle.

    Args:
        model: Path of a float ``.tflite``, from any converter.
        output: Where the integer ``.tflite`` goes; written last, and whole.
        options: What integers to make; the scheme is int8, int16x8 or mixed.
        progress: Told of stages and warnings.

    Returns:
        What was made. Nothing is written when an error is raised.

    Raises:
        OptionError: The scheme has no integer activations, or ``output`` is the model itself.
        SourceError: The model is not float, or of a kind that cannot be taken.
        CalibrationError: The samples cannot be used.
        ContractError: The result is not what was asked for, or a device cannot run it.
        ParityError: The result is too far from the source.
        WriteError: The result cannot be written.
    """
    options = options or QuantizeOptions()
    stages = Stages(progress or SilentProgress())
    model, output = Path(model), Path(output)
    _check(model, output, options)
    check_output(output)
    devices = load_devices(options)
    cache = Cache()
    with log_file(output) as log, open_engine(_ENGINE, cache, log) as engine:
        done = convert(
            lambda: open_source(model, input_shapes=options.input_shapes),
            engine,
            options,
            devices,
            stages,
            cache,
        )
        stages.begin(Stage.WRITE)
        atomic_write(output, _described(done, model, output.stem, options))
        made_by = f"{engine.name} ({engine.version})"
    stages.end()
    return _result(done, made_by, output, stages)


def _check(model: Path, output: Path, options: QuantizeOptions) -> None:
    if model.suffix.lower() != ".tflite":
        raise SourceError(
            f"{model.name} is no .tflite file, and only such are quantized by themselves",
            hint="edgekit build takes ONNX and PyTorch models to an integer bundle",
        )
    if not options.needs_calibration:
        raise OptionError(
            f"--scheme {options.scheme} makes no integer activations",
            hint="take int8, int16x8 or mixed; edgekit build makes the others",
        )
    if output.exists() and model.exists() and output.samefile(model):
        raise OptionError(f"{output} is the model itself", hint="give another -o")


def _described(done: Conversion, model: Path, name: str, options: QuantizeOptions) -> bytes:
    """Return the final model with the source's metadata, or with what was declared."""
    pictures = any(spec.image is not None for spec in done.inputs)
    if TFLITE_METADATA in read_graph(done.tflite).metadata and not (
        pictures or options.class_names
    ):
        return with_files_of(done.tflite, model.read_bytes())
    return with_metadata(
        done.tflite,
        name=name,
        inputs=done.inputs,
        outputs=done.outputs,
        labels=options.class_names,
    )


def _result(done: Conversion, engine: str, output: Path, stages: Stages) -> QuantizeResult:
    source = done.source
    return QuantizeResult(
        path=output,
        plan=done.plan,
        parity=done.parity,
        accuracy=done.accuracy,
        fits=done.fits,
        waived=done.waived,
        notices=source.notices,
        warnings=done.warnings,
        findings=done.findings,
        stage_seconds=stages.seconds,
        scheme=done.plan.scheme,
        engine=engine,
        source=SourceInfo(kind=source.kind, name=source.name, sha256=source.sha256),
        inputs=done.inputs,
        outputs=done.outputs,
    )
