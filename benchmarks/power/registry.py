"""Which power meters there are: ours, and those of other packages by entry point."""

import importlib.metadata
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

__all__ = ["ENTRY_POINT_GROUP", "meter_drivers"]

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


def meter_drivers() -> dict[str, type[MeterDriver]]:
    """Return every driver by its name: ours first, then those of installed packages.

    Raises:
        MeterError: A package's entry point cannot be loaded, is no driver, or takes a name that
            is taken.
    """
    found = dict(_OWN)
    for entry in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP):
        package = entry.dist.name if entry.dist else "an installed package"
        remedy = f"mend the entry point of {package}, or uninstall it"
        if entry.name in found:
            raise MeterError(entry.name, f"{package} takes a name that is taken", hint=remedy)
        try:
            driver: Any = entry.load()
        except (ImportError, AttributeError) as error:
            raise MeterError(
                entry.name, f"{package} names {entry.value}: {error}", hint=remedy
            ) from error
        missing = [member for member in ("probe", "open") if not hasattr(driver, member)]
        if missing or not hasattr(driver, "__dataclass_fields__"):
            why = f"has no {missing[0]}()" if missing else "is no dataclass"
            raise MeterError(entry.name, f"{entry.value} of {package} {why}", hint=remedy)
        found[entry.name] = driver
    return found
