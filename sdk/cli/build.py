"""`edgekit build`: from a model to a proven bundle."""

from pathlib import Path
from typing import Any

import click

from edgekit.bundle.manifest import Scheme
from edgekit.cli.conversion_options import conversion_options, parse_conversion
from edgekit.cli.options import output_file_option
from edgekit.cli.output import CONTEXT, Output, output_options

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit build kws.onnx -d nucleo-l4r5zi --calibration-data 'eval.npz[:100]' \\
      --evaluation-data 'eval.npz[100:]' --labels 'eval.npz[100:]' -o kws.edgekit
  edgekit build net.onnx -d pixel-8 --calibration-data pictures/ \\
      --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 --pixel-max 1
  edgekit build model.py --calibration-data samples.npy --scheme int16x8
"""


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("model", type=click.Path(path_type=Path))
@output_file_option("The bundle to write.  [default: MODEL's name with .edgekit]")
@conversion_options(tuple(Scheme))
@click.option(
    "--engine",
    default="edgekit",
    show_default=True,
    help="What lowers and quantizes: edgekit, or onnx2tf with TensorFlow as a second opinion.",
)
@click.option(
    "--plugin",
    "plugins",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Python file, which is run, with operators of your own (repeatable).",
)
@click.option(
    "--adapter",
    type=click.Path(path_type=Path),
    help="Folder of a LoRA adapter, as peft saves it, that is merged into a torch module.",
)
@click.option("--trust-pickle", is_flag=True, help="Load pickled models, which can run any code.")
@output_options
def command(
    output: Output,
    /,
    model: Path,
    path: Path | None,
    **options: Any,
) -> None:
    """Convert MODEL, prove that nothing was lost, and write a bundle.

    MODEL is an .onnx, .pt2 or float .tflite file, or a .py file that defines get_model() and
    get_args().
    """
    from edgekit.build_options import BuildOptions
    from edgekit.building import build
    from edgekit.cli.build_report import result_json, show_result
    from edgekit.cli.progress import ConsoleProgress

    chosen = BuildOptions(**parse_conversion(options))
    with ConsoleProgress(output) as progress:
        result = build(model, path or Path(f"{model.stem}.edgekit"), chosen, progress=progress)
    output.result(
        result_json(result), lambda console: show_result(console, result, verbose=output.verbose)
    )
