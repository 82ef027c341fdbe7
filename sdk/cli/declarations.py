"""Options that declare how samples are laid out and normalised, for one input or for each."""

from collections.abc import Callable, Sequence

import click

from edgekit.bundle.manifest import ImagePreprocessing
from edgekit.cli.options import choice_option
from edgekit.converters.calibration import Channels, InputDeclaration, SampleLayout

__all__ = ["declaration_options", "parse_declarations"]

_DEFAULT_RESIZE = "stretch"
_CHANNELS_LAST = ("nhwc", "nwc", "ndhwc", "channels_last")


def declaration_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options; they arrive as ``calibration_layout``, ``mean``, ``std`` and so on."""
    for option in reversed(
        [
            click.option(
                "--calibration-layout",
                multiple=True,
                metavar="[NAME=]nhwc|source",
                help="Axis order of the samples; the source's own by default.",
            ),
            click.option(
                "--mean",
                multiple=True,
                metavar="[NAME=]R,G,B",
                help="Pictures: mean of each channel, in pixel units (see --pixel-max).",
            ),
            click.option(
                "--std",
                multiple=True,
                metavar="[NAME=]R,G,B",
                help="Pictures: standard deviation of each channel.",
            ),
            choice_option(
                "--pixel-max",
                ("255", "1"),
                "What a white pixel counts in --mean and --std.",
                default="255",
            ),
            choice_option(
                "--resize",
                ("stretch", "crop", "pad"),
                "Pictures: how they get the size of the input.",
                default=_DEFAULT_RESIZE,
            ),
            click.option(
                "--source-channels",
                multiple=True,
                metavar="[NAME=]first|last",
                help="Where the source model has its channels; first by default.",
            ),
        ]
    ):
        function = option(function)
    return function


def parse_declarations(
    calibration_layout: Sequence[str],
    mean: Sequence[str],
    std: Sequence[str],
    pixel_max: str,
    resize: str,
    source_channels: Sequence[str],
) -> dict[str, InputDeclaration]:
    """Return the declarations by input name; the empty name stands for the only input.

    Raises:
        click.UsageError: A value cannot be read, or contradicts another.
    """
    layouts = _named(calibration_layout, "--calibration-layout")
    channels = _named(source_channels, "--source-channels")
    means, stds = _named(mean, "--mean"), _named(std, "--std")
    names = list({**layouts, **channels, **means, **stds})
    if "" in names and len(names) > 1:
        named = ", ".join(name for name in names if name)
        raise click.UsageError(
            f"some options name an input ({named}) and some do not; write NAME=VALUE in all"
        )
    if resize != _DEFAULT_RESIZE and not means and not stds:
        raise click.UsageError("--resize is for pictures: give their --mean and --std as well")
    unit = 255.0 / float(pixel_max)
    found = {}
    for name in names:
        image = None
        if name in means or name in stds:
            image = ImagePreprocessing(
                mean=_figures(means.get(name, "0"), unit, "--mean"),
                std=_figures(stds.get(name, "1"), unit, "--std"),
                resize=resize,
            )
        found[name] = InputDeclaration(
            layout=_layout(layouts.get(name, "source")),
            image=image,
            source_channels=_channels(channels.get(name, "first")),
        )
    return found


def _named(values: Sequence[str], option: str) -> dict[str, str]:
    """Split ``NAME=VALUE``; a bare value belongs to the empty name."""
    found: dict[str, str] = {}
    for text in values:
        name, _, value = text.rpartition("=")
        if name in found:
            whose = f" for input '{name}'" if name else ""
            raise click.UsageError(f"{option} was given twice{whose}")
        found[name] = value
    return found


def _figures(text: str, unit: float, option: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) * unit for part in text.split(","))
    except ValueError as error:
        raise click.BadParameter(f"{option} takes numbers, not '{text}'") from error


def _layout(text: str) -> SampleLayout:
    if text.lower() in _CHANNELS_LAST:
        return SampleLayout.CHANNELS_LAST
    if text.lower() in ("source", "nchw", "ncw", "ncdhw"):
        return SampleLayout.SOURCE
    raise click.BadParameter(f"--calibration-layout takes nhwc or source, not '{text}'")


def _channels(text: str) -> Channels:
    try:
        return Channels(text.lower())
    except ValueError as error:
        raise click.BadParameter(f"--source-channels takes first or last, not '{text}'") from error
