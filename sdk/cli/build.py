"""`edgekit build`: from a model to a proven bundle."""

from pathlib import Path
from typing import Any

import click

from edgekit.bundle.manifest import Io, Scheme
from edgekit.cli.declarations import declaration_options, parse_declarations
from edgekit.cli.devices import complete_device
from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.errors import UnreadableFileError

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit build kws.onnx -d nucleo-l4r5zi --calibration-data 'eval.npz[:100]' \\
      --evaluation-data 'eval.npz[100:]' --labels 'eval.npz[100:]' -o kws.edgekit
  edgekit build net.onnx -d pixel-8 --calibration-data pictures/ \\
      --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 --pixel-max 1
  edgekit build model.py --calibration-data samples.npy --scheme int16x8
"""


def _shapes(_: Any, __: Any, values: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    shapes = {}
    for text in values:
        name, _separator, sizes = text.rpartition(":")
        parts = sizes.split(",")
        if not name or not all(part.isdigit() and int(part) > 0 for part in parts):
            raise click.BadParameter(f"'{text}' is not NAME:1,3,224,224")
        shapes[name] = tuple(int(part) for part in parts)
    return shapes


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path),
    help="The bundle to write.  [default: MODEL's name with .edgekit]",
)
@click.option(
    "-d",
    "--device",
    "devices",
    multiple=True,
    metavar="DEVICE",
    shell_complete=complete_device,
    help="Device profile to check against (repeatable): a name or a .toml file.",
)
@click.option(
    "--device-folder",
    "device_folders",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Folder with profiles of your own.",
)
@click.option(
    "--calibration-data",
    metavar="PATH[SLICE]",
    help="Samples that set the integer ranges: .npz, .npy, a folder of pictures, or a "
    ".py with get_calibration_data(). data.npz[:100] takes the first 100.",
)
@click.option(
    "--calibration-count",
    type=click.IntRange(min=1),
    help="How many of them calibrate; the others prove parity.",
)
@click.option(
    "--evaluation-data",
    metavar="PATH[SLICE]",
    help="Samples that prove parity.  [default: those left by calibration]",
)
@click.option(
    "--labels",
    metavar="PATH[SLICE]",
    help="Class index of each evaluation sample: .npz (key y), .npy, .csv, .txt.",
)
@click.option(
    "--class-names",
    type=click.Path(path_type=Path),
    help="Text file with the name of each class, one a line, for the bundle.",
)
@declaration_options
@click.option(
    "--scheme",
    type=click.Choice([item.value for item in Scheme]),
    default="int8",
    show_default=True,
    help="How weights and activations are stored.",
)
@click.option(
    "--io",
    type=click.Choice([item.value for item in Io]),
    help="Type of float inputs and outputs.  [default: the scheme's own]",
)
@click.option(
    "--allow-float-islands",
    is_flag=True,
    help="Let operators without integer kernels stay in float.",
)
@click.option(
    "--min-sqnr",
    "min_sqnr_db",
    type=float,
    default=10.0,
    show_default=True,
    metavar="DB",
    help="Least SQNR of every output against the source.",
)
@click.option(
    "--min-cosine",
    type=float,
    default=0.9,
    show_default=True,
    help="Least cosine of every output against the source.",
)
@click.option(
    "--max-drop",
    type=float,
    default=1.0,
    show_default=True,
    metavar="POINTS",
    help="Most points of top-1 that may be lost, where labels are given.",
)
@click.option(
    "--input-shape",
    "input_shapes",
    multiple=True,
    callback=_shapes,
    metavar="NAME:1,3,224,224",
    help="Fix the dynamic dimensions of an input.",
)
@click.option(
    "--engine",
    default="onnx2tf",
    show_default=True,
    help="What makes the integers: onnx2tf (with TensorFlow), or edgekit (our own, new).",
)
@click.option("--trust-pickle", is_flag=True, help="Load pickled models, which can run any code.")
@output_options
def command(
    output: Output,
    /,
    model: Path,
    path: Path | None,
    class_names: Path | None,
    min_sqnr_db: float,
    min_cosine: float,
    max_drop: float,
    scheme: str,
    io: str | None,
    calibration_layout: tuple[str, ...],
    mean: tuple[str, ...],
    std: tuple[str, ...],
    pixel_max: str,
    resize: str,
    source_channels: tuple[str, ...],
    **options: Any,
) -> None:
    """Convert MODEL, prove that nothing was lost, and write a bundle.

    MODEL is an .onnx file, a .pt2 file, or a .py file that defines get_model() and get_args().
    """
    from edgekit.build_options import BuildOptions
    from edgekit.building import build
    from edgekit.cli.build_report import result_json, show_result
    from edgekit.cli.progress import ConsoleProgress
    from edgekit.converters.parity import Thresholds

    chosen = BuildOptions(
        scheme=Scheme(scheme),
        io=Io(io) if io else None,
        class_names=_lines(class_names),
        declarations=parse_declarations(
            calibration_layout, mean, std, pixel_max, resize, source_channels
        ),
        thresholds=Thresholds(min_sqnr_db=min_sqnr_db, min_cosine=min_cosine, max_drop=max_drop),
        **options,
    )
    with ConsoleProgress(output) as progress:
        result = build(model, path or Path(f"{model.stem}.edgekit"), chosen, progress=progress)
    output.result(
        result_json(result), lambda console: show_result(console, result, verbose=output.verbose)
    )


def _lines(path: Path | None) -> tuple[str, ...]:
    if path is None:
        return ()
    try:
        return tuple(path.read_text(encoding="utf-8").splitlines())
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError(path, "it is not UTF-8 text") from error
