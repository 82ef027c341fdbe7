"""The options that `build` and `quantize` share: devices, samples, scheme, thresholds."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from edgekit.bundle.manifest import Io, Scheme
from edgekit.cli.declarations import declaration_options, parse_declarations
from edgekit.cli.devices import complete_device
from edgekit.cli.options import choice_option
from edgekit.converters.finding import Fate
from edgekit.converters.request import CalibrationMethod
from edgekit.errors import UnreadableFileError

__all__ = ["conversion_options", "parse_conversion"]

_CLIMBABLE = (Scheme.INT8, Scheme.INT16X8, Scheme.MIXED)


def conversion_options(schemes: Sequence[Scheme]) -> Callable[[Any], Any]:
    """Return a decorator that adds the options, with these schemes to choose from.

    They arrive as what :func:`parse_conversion` takes.
    """

    def decorate(function: Any) -> Any:
        for option in reversed(
            [*_devices(), *_samples(), declaration_options, *_scheme(schemes), *_demands()]
        ):
            function = option(function)
        return function

    return decorate


def parse_conversion(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``QuantizeOptions``, and whatever else was given unchanged.

    Raises:
        click.UsageError: A declaration cannot be read, or contradicts another.
        UnreadableFileError: The file with the names of classes cannot be read.
    """
    from edgekit.converters.parity import Thresholds

    options = dict(given)
    declared = ("calibration_layout", "mean", "std", "pixel_max", "resize", "source_channels")
    limits = ("min_sqnr_db", "min_cosine", "min_equal", "max_drop")
    io, require = options.pop("io"), options.pop("require")
    scheme, climb = Scheme(options.pop("scheme")), options.pop("climb")
    if climb is None:  # a budget was named, and there is a ladder to climb
        own = options.get("engine", "edgekit") == "edgekit"
        climb = options["max_drop"] is not None and own and scheme in _CLIMBABLE
    thresholds = {name: options.pop(name) for name in limits}
    return {
        "scheme": scheme,
        "climb": climb,
        "io": Io(io) if io else None,
        "require": Fate(require) if require else None,
        "calibration_method": CalibrationMethod(options.pop("calibration_method")),
        "class_names": _lines(options.pop("class_names")),
        "declarations": parse_declarations(**{name: options.pop(name) for name in declared}),
        "thresholds": Thresholds(**{k: v for k, v in thresholds.items() if v is not None}),
        **options,
    }


def _devices() -> list[Callable[[Any], Any]]:
    return [
        click.option(
            "-d",
            "--device",
            "devices",
            multiple=True,
            metavar="DEVICE",
            shell_complete=complete_device,
            help="Device profile to check against (repeatable): a name or a .toml file.",
        ),
        click.option(
            "--device-folder",
            "device_folders",
            multiple=True,
            type=click.Path(path_type=Path),
            help="Folder with profiles of your own.",
        ),
    ]


def _samples() -> list[Callable[[Any], Any]]:
    return [
        click.option(
            "--calibration-data",
            metavar="PATH[SLICE]",
            help="Samples that set the integer ranges: .npz, .npy, a folder of pictures, or a "
            ".py with get_calibration_data(). data.npz[:100] takes the first 100.",
        ),
        click.option(
            "--calibration-count",
            type=click.IntRange(min=1),
            help="How many of them calibrate; the others prove parity.",
        ),
        choice_option(
            "--calibration-method",
            CalibrationMethod,
            "How ranges are chosen from them; the onnx2tf engine has min-max only.",
            default="min-max",
        ),
        click.option(
            "--evaluation-data",
            metavar="PATH[SLICE]",
            help="Samples that prove parity.  [default: those left by calibration]",
        ),
        click.option(
            "--labels",
            metavar="PATH[SLICE]",
            help="Class index of each evaluation sample: .npz (key y), .npy, .csv, .txt.",
        ),
        click.option(
            "--class-names",
            type=click.Path(path_type=Path),
            help="Text file with the name of each class, one a line, for the result.",
        ),
    ]


def _scheme(schemes: Sequence[Scheme]) -> list[Callable[[Any], Any]]:
    return [
        choice_option(
            "--scheme", schemes, "How weights and activations are stored.", default="int8"
        ),
        click.option(
            "--int16",
            multiple=True,
            metavar="NODE",
            help="With mixed: a node, or pattern, that gets int16 activations (repeatable).  "
            "[default: those that lose most in int8]",
        ),
        choice_option("--io", Io, "Type of float inputs and outputs.  [default: the scheme's own]"),
        choice_option(
            "--require",
            (Fate.KEPT, Fate.REQUANTIZED),
            "Refuse a result in which what compression left in the model ends worse.",
        ),
        click.option(
            "--low-bit-weights",
            is_flag=True,
            help="Store weights that lie on a grid of four bits as INT4, where every device's "
            "kernels take it.",
        ),
        click.option(
            "--allow-float-islands",
            is_flag=True,
            help="Let operators without integer kernels stay in float.",
        ),
    ]


def _demands() -> list[Callable[[Any], Any]]:
    return [
        click.option(
            "--min-sqnr",
            "min_sqnr_db",
            type=float,
            default=10.0,
            show_default=True,
            metavar="DB",
            help="Least SQNR of every float output against the source.",
        ),
        click.option(
            "--min-cosine",
            type=float,
            default=0.9,
            show_default=True,
            help="Least cosine of every float output against the source.",
        ),
        click.option(
            "--min-equal",
            type=float,
            default=90.0,
            show_default=True,
            metavar="PERCENT",
            help="Least share of equal values of every integer output (indices, classes).",
        ),
        click.option(
            "--max-drop",
            type=float,
            metavar="POINTS",
            help="Most points of top-1 that may be lost, where labels are given; implies --climb."
            "  [default: 1.0]",
        ),
        click.option(
            "--climb/--no-climb",
            default=None,
            help="Where a threshold is missed, try recipes that lose less, one after another.  "
            "[default: with --max-drop]",
        ),
        click.option(
            "--input-shape",
            "input_shapes",
            multiple=True,
            callback=_shapes,
            metavar="NAME:1,3,224,224",
            help="Fix the dynamic dimensions of an input.",
        ),
    ]


def _shapes(_: Any, __: Any, values: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    shapes = {}
    for text in values:
        name, _separator, sizes = text.rpartition(":")
        parts = sizes.split(",")
        if not name or not all(part.isdigit() and int(part) > 0 for part in parts):
            raise click.BadParameter(f"'{text}' is not NAME:1,3,224,224")
        shapes[name] = tuple(int(part) for part in parts)
    return shapes


def _lines(path: Path | None) -> tuple[str, ...]:
    if path is None:
        return ()
    try:
        return tuple(path.read_text(encoding="utf-8").splitlines())
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError(path, "it is not UTF-8 text") from error
