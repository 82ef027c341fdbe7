"""`edgekit quantize`: from a float .tflite to a proven integer one."""

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
  edgekit quantize float.tflite --calibration-data samples.npz -o int8.tflite
  edgekit quantize float.tflite -d pixel-8 --calibration-data pictures/ \\
      --mean 127.5 --std 127.5 --source-channels last --io uint8
"""


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("model", type=click.Path(path_type=Path))
@output_file_option("The .tflite to write.  [default: MODEL's name with the scheme before .tflite]")
@conversion_options((Scheme.INT8, Scheme.INT16X8, Scheme.MIXED))
@output_options
def command(output: Output, /, model: Path, path: Path | None, **options: Any) -> None:
    """Make the float TFLite model MODEL integer, prove that nothing was lost, and write it.

    MODEL is a float .tflite from any converter; float16 weights are taken.
    """
    from edgekit.build_options import QuantizeOptions
    from edgekit.cli.progress import ConsoleProgress
    from edgekit.cli.quantize_report import result_json, show_result
    from edgekit.quantizing import quantize

    chosen = QuantizeOptions(**parse_conversion(options))
    target = path or Path(f"{model.stem}-{chosen.scheme}.tflite")
    with ConsoleProgress(output) as progress:
        result = quantize(model, target, chosen, progress=progress)
    output.result(
        result_json(result), lambda console: show_result(console, result, verbose=output.verbose)
    )
