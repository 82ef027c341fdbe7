"""The options that say how `benchmark` measures energy."""

from collections.abc import Callable

import click

__all__ = ["power_options"]


def power_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options; they arrive as ``power`` and ``idle_seconds``."""
    for option in reversed(
        [
            click.option(
                "--power",
                metavar="METER[:OPTION=VALUE,...]",
                shell_complete=_complete_meter,
                help="Measure energy with this meter (edgekit doctor lists those that are there), "
                "or estimate it: profile:DEVICE.",
            ),
            click.option(
                "--idle-seconds",
                type=click.FloatRange(min=0),
                default=5.0,
                show_default=True,
                help="With --power: how long to measure the idle power first.",
            ),
        ]
    ):
        function = option(function)
    return function


def _complete_meter(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from edgekit.benchmarks.power import meter_names
    from edgekit.benchmarks.power.metering import PROFILE

    del ctx, param
    return [name for name in (*meter_names(), PROFILE) if name.startswith(incomplete)]
