"""The options that say where and how long `benchmark` measures."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from edgekit.cli.devices import complete_device

__all__ = ["measuring_options", "parse_options", "parse_target", "pin_option"]

_DEFAULT_WINDOWS, _DEFAULT_WINDOW_SECONDS, _QUICK_SECONDS = 5, 10.0, 0.5


def pin_option(function: Callable[..., None]) -> Callable[..., None]:
    """Add ``--pin``; it arrives as ``pin``, a tuple of processors, empty where not given."""
    return click.option(
        "--pin",
        callback=_cpus,
        metavar="CPU[,CPU]",
        help="Run on these processors only, for example 2 or 2,3.  [default: all]",
    )(function)


def measuring_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options; they arrive as `parse_options` and `parse_target` take them."""
    for option in reversed(
        [
            click.option(
                "--on",
                "target",
                default="host",
                show_default=True,
                metavar="TARGET",
                shell_complete=_complete_target,
                help="Where to run.",
            ),
            click.option(
                "-d",
                "--device",
                metavar="DEVICE",
                shell_complete=complete_device,
                help="Device for targets that can be several: a name or a .toml file.",
            ),
            click.option(
                "--windows",
                type=click.IntRange(min=1),
                default=_DEFAULT_WINDOWS,
                show_default=True,
                help="How many windows to measure; the latency is the median over them.",
            ),
            click.option(
                "--window-seconds",
                type=click.FloatRange(min=0),
                help=f"How long a window is at least.  [default: {_DEFAULT_WINDOW_SECONDS:g}, "
                f"{_QUICK_SECONDS:g} with --quick]",
            ),
            click.option("--quick", is_flag=True, help="Short windows, for a first look."),
        ]
    ):
        function = option(function)
    return pin_option(function)


def parse_options(given: Mapping[str, Any]) -> Any:
    """Return the `BenchmarkOptions` of what was given; others of ``given`` are left alone.

    Raises:
        InvalidOptionError: A value is out of range.
    """
    from edgekit.benchmarks import BenchmarkOptions
    from edgekit.runtime import Kernels

    others = {name: given[name] for name in ("windows", "threads", "pin")}
    if given["window_seconds"] is not None:
        others["window_seconds"] = given["window_seconds"]
    make = BenchmarkOptions.quick if given["quick"] else BenchmarkOptions
    return make(kernels=Kernels(given["kernels"]), **others)


def parse_target(given: Mapping[str, Any]) -> Any:
    """Return the target that was named.

    Raises:
        UnknownNameError: There is no such target or device; carries the nearest names.
        TargetError: The target cannot be opened, or cannot be that device.
    """
    from edgekit.benchmarks import open_target
    from edgekit.device_profiles import load_profile

    device = given["device"]
    return open_target(given["target"], device=load_profile(device) if device else None)


def _complete_target(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from edgekit.benchmarks import target_names

    del ctx, param
    return [name for name in target_names() if name.startswith(incomplete)]


def _cpus(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, ...]:
    parts = [part.strip() for part in value.split(",")] if value is not None else []
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise click.BadParameter(f"'{value}' is no list of processors such as 0,2", ctx, param)
    return tuple(map(int, parts))
