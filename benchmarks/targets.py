"""Targets by name: edgekit's own, and those of other packages by entry point.

A package offers a target by an entry point of the group ``edgekit.targets``, in its setup.cfg:

    [options.entry_points]
    edgekit.targets =
        my-board = my_package.target:open_board

``open_board(device)`` takes the `DeviceProfile` that the user named with ``--device``, or None,
and returns a `Target`; it raises `TargetError` for a device that it is not, or where it needs one.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from edgekit.benchmarks.errors import TargetError
from edgekit.benchmarks.target import Target
from edgekit.device_profiles import DeviceProfile
from edgekit.errors import UnknownNameError

__all__ = ["ENTRY_POINT_GROUP", "Opener", "open_target", "target_names"]

ENTRY_POINT_GROUP = "edgekit.targets"

Opener = Callable[[DeviceProfile | None], Target]

# name -> module:function, imported when it is asked for.
_OWN = {
    "host": "edgekit.benchmarks.host:open_host",
    "emulator": "edgekit.benchmarks.emulator.target:open_emulator",
}


def target_names() -> tuple[str, ...]:
    """Return the names that `open_target` knows, edgekit's own first."""
    others = {point.name for point in entry_points(group=ENTRY_POINT_GROUP)} - set(_OWN)
    return (*_OWN, *sorted(others))


def open_target(name: str, *, device: DeviceProfile | None = None) -> Target:
    """Return a target by its name.

    Args:
        name: One of `target_names`.
        device: Which device to be or to emulate, for targets that can be several.

    Raises:
        UnknownNameError: No such target; carries the nearest names.
        TargetError: The target cannot be that device, two packages offer the name, or the
            package that does cannot be imported.
    """
    if name in _OWN:
        module, _, function = _OWN[name].partition(":")
        opener: Opener = getattr(import_module(module), function)
        return opener(device)
    points = [point for point in entry_points(group=ENTRY_POINT_GROUP) if point.name == name]
    if not points:
        raise UnknownNameError("target", name, target_names())
    if len(points) > 1:
        places = " and ".join(_origin(point) for point in points)
        raise TargetError(name, f"it is offered by {places}", hint="uninstall all but one")
    return _opened(points[0], device)


def _opened(point: EntryPoint, device: DeviceProfile | None) -> Target:
    try:
        opener = point.load()
    except (ImportError, AttributeError) as error:
        hint = f"reinstall {_origin(point)}, or report it there"
        raise TargetError(
            point.name, f"{point.value} cannot be loaded: {error}", hint=hint
        ) from error
    target = opener(device)
    if not isinstance(target, Target):
        raise TargetError(
            point.name,
            f"{point.value} returned a {type(target).__name__}, which is no target",
            hint=f"report it to {_origin(point)}",
        )
    return target


def _origin(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
