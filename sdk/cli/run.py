"""`edgekit run`: a bundle on inputs from files."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from edgekit.cli.input_files import one_sample, read_input_files
from edgekit.cli.options import output_file_option
from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.cli.running import running_options, silent_interpreter
from edgekit.cli.tables import dimensions, make_table
from edgekit.files import atomic_write
from edgekit.runtime import ArrayLayout, Classification, Kernels, Model

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit run kws.edgekit -i sample.npy
  edgekit run kws.edgekit -i eval.npz --index 7 --layout source --top 3
  edgekit run net.edgekit -i cat.jpg
  edgekit run pair.edgekit -i left=a.npy -i right=b.npy -o outputs.npz
"""

_DEFAULT_TOP = 5


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    required=True,
    metavar="[NAME=]PATH",
    help="Value of an input (repeatable): a .npy, a .npz with an array for each name, or a "
    "picture.",
)
@click.option(
    "--index",
    type=click.IntRange(min=0),
    help="Which sample to run of arrays that hold several.",
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    help="How many classes to print.  [default: 5 where the bundle has labels]",
)
@output_file_option("Write the outputs to this .npz.")
@running_options
@output_options
def command(
    output: Output,
    bundle: Path,
    inputs: tuple[str, ...],
    index: int | None,
    top: int | None,
    path: Path | None,
    layout: ArrayLayout,
    threads: int,
    kernels: str,
) -> None:
    """Run BUNDLE once and print its outputs, or the best classes of a classifier.

    Outputs are real numbers (dequantized) in the axes of model.tflite.
    """
    with (
        silent_interpreter(output),
        Model(bundle, threads=threads, kernels=Kernels(kernels)) as model,
    ):
        values = read_input_files(model.inputs, inputs)
        sample = one_sample(model.inputs, values, index, layout)
        results = model(sample, layout=layout)
        classes: tuple[Classification, ...] = ()
        if top is not None or model.labels:
            classes = model.classify(sample, top=top or _DEFAULT_TOP, layout=layout)
        backend = str(model.backend)
    if path is not None:
        atomic_write(path, _npz(results))
    data = {
        "bundle": str(bundle),
        "backend": backend,
        "classes": [{"label": item.label, "score": item.score} for item in classes],
        "outputs": {name: array.tolist() for name, array in results.items()},
    }

    def show(console: Any) -> None:
        if classes:
            _show_classes(console, classes)
        else:
            _show_outputs(console, results)
        if output.verbose:
            console.print(f"run by {backend}")
        if path is not None:
            console.print(f"{path} written")

    output.result(data, show)


def _npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    # numpy.savez takes the names as keyword arguments, which an output called "file" breaks.
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    return buffer.getvalue()


def _show_classes(console: Any, classes: tuple[Classification, ...]) -> None:
    table = make_table("class", "score", right=("score",))
    for item in classes:
        table.add_row(item.label, f"{item.score:.4f}")
    console.print(table)


def _show_outputs(console: Any, results: Mapping[str, NDArray[Any]]) -> None:
    for name, array in results.items():
        console.print(f"{name}: {array.dtype} {dimensions(array.shape)}", soft_wrap=True)
        text = np.array2string(array, precision=5, threshold=24, edgeitems=3, prefix="  ")
        console.print(f"  {text}", soft_wrap=True)
