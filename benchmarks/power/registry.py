"""Which power meters there are: ours, and those of other packages by entry point."""

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from edgekit.benchmarks.power.battery import BatteryDriver
from edgekit.benchmarks.power.csv_log import CsvLogDriver
from edgekit.benchmarks.power.errors import MeterError
from edgekit.benchmarks.power.hwmon import HwmonDriver
from edgekit.benchmarks.power.ina import Ina219Driver, Ina226Driver, Ina260Driver
from edgekit.benchmarks.power.joulescope import JoulescopeDriver
from edgekit.benchmarks.power.meter import MeterDriver
from edgekit.benchmarks.power.pmic import PmicDriver
from edgekit.benchmarks.power.ppk2 import Ppk2Driver
from edgekit.benchmarks.power.rapl import RaplDriver
from edgekit.errors import UnknownNameError

__all__ = ["ENTRY_POINT_GROUP", "load_driver", "meter_names"]

ENTRY_POINT_GROUP = "edgekit.power_meters"

_OWN: dict[str, type[MeterDriver]] = {
    "rapl": RaplDriver,
    "battery": BatteryDriver,
    "hwmon": HwmonDriver,
    "pmic": PmicDriver,
    "ina219": Ina219Driver,
    "ina226": Ina226Driver,
    "ina260": Ina260Driver,
    "ppk2": Ppk2Driver,
    "joulescope": JoulescopeDriver,
    "csv": CsvLogDriver,
}


def meter_names() -> tuple[str, ...]:
    """Return the names that `load_driver` knows, edgekit's own first."""
    others = {point.name for point in entry_points(group=ENTRY_POINT_GROUP)} - set(_OWN)
    return (*_OWN, *sorted(others))


def load_driver(name: str) -> type[MeterDriver]:
    """Return the driver of a name.

    Raises:
        UnknownNameError: There is none; carries the nearest names.
        MeterError: Two packages offer the name, or what the package offers is no driver.
    """
    if name in _OWN:
        return _OWN[name]
    points = [point for point in entry_points(group=ENTRY_POINT_GROUP) if point.name == name]
    if not points:
        raise UnknownNameError("power meter", name, meter_names())
    if len(points) > 1:
        places = " and ".join(_origin(point) for point in points)
        raise MeterError(name, f"it is offered by {places}", hint="uninstall all but one")
    return _loaded(points[0])


def _loaded(point: EntryPoint) -> type[MeterDriver]:
    remedy = f"mend the entry point of {_origin(point)}, or uninstall it"
    try:
        driver: Any = point.load()
    except (ImportError, AttributeError) as error:
        why = f"{point.value} cannot be loaded: {error}"
        raise MeterError(point.name, why, hint=remedy) from error
    missing = [member for member in ("probe", "open") if not hasattr(driver, member)]
    if missing or not hasattr(driver, "__dataclass_fields__"):
        why = f"has no {missing[0]}()" if missing else "is no dataclass"
        raise MeterError(point.name, f"{point.value} {why}", hint=remedy)
    loaded: type[MeterDriver] = driver
    return loaded


def _origin(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
