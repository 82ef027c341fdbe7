"""From what the user wrote, ``METER[:option=value,...]``, to a driver and its options."""

import inspect
from dataclasses import fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from edgekit.benchmarks.errors import InvalidOptionError
from edgekit.benchmarks.power.errors import MeterError
from edgekit.benchmarks.power.meter import MeterDriver, MeterState, MeterStatus
from edgekit.benchmarks.power.registry import load_driver, meter_names
from edgekit.errors import UnknownNameError

__all__ = ["meter_from_text", "probe_meters", "summary"]

_TRUTHS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def meter_from_text(text: str) -> MeterDriver:
    """Return the driver that a text such as ``rapl`` or ``ina226:bus=1,shunt_ohm=0.1`` names.

    Raises:
        UnknownNameError: There is no such meter, or it has no such option.
        InvalidOptionError: A value cannot be read, or the driver refuses it.
        MeterError: Another package's driver cannot be loaded.
    """
    name, _, rest = text.partition(":")
    driver = load_driver(name)
    kinds = get_type_hints(driver)
    allowed = [field.name for field in fields(driver)]  # type: ignore[arg-type]  # a dataclass by contract
    given: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        option, equals, value = part.partition("=")
        if option not in allowed:
            raise UnknownNameError(f"option of the power meter '{name}'", option, allowed or [""])
        if not equals:
            raise InvalidOptionError(f"{name}:{option}", part, f"written as {option}=VALUE")
        given[option] = _read(f"{name}:{option}", value, kinds[option])
    try:
        return driver(**given)
    except TypeError as error:
        needed = inspect.signature(driver)
        raise InvalidOptionError(
            f"the power meter '{name}'", text, f"given its options {needed}"
        ) from error


def summary(driver: type[MeterDriver]) -> str:
    """Return the first line of a driver's docstring."""
    return (inspect.getdoc(driver) or driver.__name__).splitlines()[0]


def probe_meters() -> dict[str, MeterState]:
    """Look for every meter, with its options as they are by default.

    Drivers that cannot do without an option are left out: nothing can be said of them.
    """
    found = {}
    for name in meter_names():
        try:
            found[name] = load_driver(name)().probe()
        except MeterError as error:
            found[name] = MeterState(MeterStatus.BROKEN, error.why)
        except TypeError:
            continue
    return found


def _read(option: str, text: str, kind: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        (kind,) = (each for each in get_args(kind) if each is not NoneType)
    try:
        if kind is bool:
            return _TRUTHS[text.lower()]
        if kind is int:
            return int(text, 0)
        if kind in (str, float, Path):
            return kind(text)
        return kind(text)
    except (KeyError, ValueError) as error:
        wanted = "yes or no" if kind is bool else f"of type {kind.__name__}"
        raise InvalidOptionError(option, text, wanted) from error
