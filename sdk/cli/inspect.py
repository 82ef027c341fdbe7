"""`edgekit inspect`: what is in a model or a bundle."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.errors import UnreadableFileError

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit inspect kws.edgekit
  edgekit inspect kws.edgekit --operators
  edgekit inspect model.tflite --tensors
  edgekit inspect model.onnx --json
  edgekit inspect small.pt2
"""

# Suffix -> the module and the function that read and describe such a file.
_VIEWS = {
    ".onnx": ("edgekit.cli.inspect_onnx", "view"),
    ".pt2": ("edgekit.cli.inspect_onnx", "view_source"),
    ".py": ("edgekit.cli.inspect_onnx", "view_source"),
    ".tflite": ("edgekit.cli.inspect_tflite", "view"),
    ".edgekit": ("edgekit.cli.inspect_bundle", "view"),
}

View = Callable[..., tuple[dict[str, Any], Callable[[Any], None]]]


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--operators", is_flag=True, help="List every operator with its tensors.")
@click.option("--tensors", is_flag=True, help="List every tensor.")
@output_options
def command(output: Output, path: Path, *, operators: bool, tensors: bool) -> None:
    """Show what is in FILE: an .onnx, .pt2, .py, .tflite or .edgekit.

    Of a model that is not converted yet, also what compression left in it. A .py is run, as a
    build does. A bundle's --operators and --tensors are those of the model in it.
    """
    if path.suffix.lower() not in _VIEWS:
        raise UnreadableFileError(
            path, "not a kind of file to inspect", hint=f"give one of {', '.join(_VIEWS)}"
        )
    if not path.is_file():
        raise UnreadableFileError(path, "no such file")
    module, function = _VIEWS[path.suffix.lower()]
    view: View = getattr(import_module(module), function)
    data, show = view(path, operators=operators, tensors=tensors)
    output.result(data, show)
