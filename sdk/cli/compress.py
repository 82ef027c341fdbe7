"""`edgekit compress`: from a trained float torch module to a compressed one."""

from pathlib import Path
from typing import Any

import click

from edgekit.cli.options import choice_option, output_file_option
from edgekit.cli.output import CONTEXT, Output, output_options

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit compress net.py --method magnitude --sparsity 0.75 --data train.npz -o small.pt2
  edgekit compress net.py --method channels --sparsity 0.5 --data train.npz --teacher net.py
  edgekit compress net.py --method qat --data train.npz --epochs 5 --rate 1e-4
  edgekit compress tiny.py --method distill --teacher large.py --data train.npz
  edgekit build small.pt2 --calibration-data samples.npz
"""


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("model", type=click.Path(path_type=Path))
@output_file_option("The .pt2 to write.  [default: MODEL's name with the method before .pt2]")
@choice_option(
    "--method",
    ("magnitude", "channels", "qat", "distill"),
    "Make the smallest weights or whole channels zero, train with int8 grids, or after a teacher.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="A .npz with samples under x and class indices under y.",
)
@click.option("--sparsity", type=float, help="Share to make zero.  [default: 0.5]")
@choice_option(
    "--scope",
    ("global", "layer"),
    "Where magnitude seeks the smallest weights.  [default: global]",
)
@click.option("--norm", type=int, help="1 or 2: the norm that ranks channels.  [default: 2]")
@click.option(
    "--teacher",
    type=click.Path(path_type=Path),
    help="A .py file like MODEL, whose model has better scores of the same classes.",
)
@click.option("--temperature", type=float, help="Softens the teacher's scores.  [default: 4]")
@click.option("--hard-share", type=float, help="Share of the labels in the loss.  [default: 0.5]")
@click.option("--epochs", type=int, default=10, show_default=True, help="Rounds over the data.")
@click.option("--rate", type=float, default=1e-3, show_default=True, help="Adam's learning rate.")
@click.option("--batch", type=int, default=64, show_default=True, help="Samples in a step.")
@choice_option(
    "--schedule", ("cosine", "constant"), "How the learning rate goes.", default="cosine"
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of all that is random.")
@click.option(
    "--held-out",
    type=float,
    default=0.2,
    show_default=True,
    help="Share of the data that measures accuracy instead of training.",
)
@output_options
def command(
    output: Output,
    /,
    model: Path,
    path: Path | None,
    data: Path | None,
    teacher: Path | None,
    **recipe: Any,
) -> None:
    """Compress the trained torch classifier of MODEL by training, and write it as a .pt2.

    MODEL is a .py file that defines get_model() and get_args(); it is run. Ctrl-C keeps what was
    trained until then.
    """
    from edgekit.cli.compress_report import result_json, show_result
    from edgekit.cli.progress import ConsoleProgress
    from edgekit.compressing import CompressionRecipe, compress_file

    if not recipe["method"]:
        raise click.UsageError("Missing option '--method': magnitude, channels, qat or distill.")
    if data is None:
        raise click.UsageError("Missing option '--data': a .npz with samples x and classes y.")
    chosen = CompressionRecipe(**recipe)
    target = path or Path(f"{model.stem}-{chosen.method}.pt2")
    with ConsoleProgress(output) as progress:
        result = compress_file(model, target, chosen, data=data, teacher=teacher, progress=progress)
    output.result(
        result_json(result), lambda console: show_result(console, result, verbose=output.verbose)
    )
