"""Joulescope JS110 and JS220: energy that the instrument itself adds up, over USB."""

import importlib.util
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import numpy as np

from edgekit.benchmarks.errors import InvalidOptionError
from edgekit.benchmarks.measurement import Provenance
from edgekit.benchmarks.power.arrival import host_times
from edgekit.benchmarks.power.errors import MeterError, MeterPermissionError
from edgekit.benchmarks.power.meter import MeterInfo, MeterState, MeterStatus
from edgekit.benchmarks.power.recording import Gap, Quantity, Recording, Trace
from edgekit.benchmarks.power.usb import plugged_in, usb_state
from edgekit.errors import MissingDependencyError

__all__ = ["JoulescopeDriver", "JoulescopeMeter"]

_METER = "joulescope"
# JS110 (joulescope.v0.usb.scan_info) and JS220.
_PRODUCTS = frozenset({(0x1FC9, 0xFC93), (0x16D0, 0x0E88), (0x16D0, 0x10BA)})
_SUMMED_HZ = {"js220": 1_000_000, "js110": 2_000_000}
_GRANT = "sudo chmod a+rw {}"
_TOPIC = "/s/stats/value"
_ANSWER_S = 3.0
# The highest range of both models ends here.
_LIMIT_A = 10.0


@dataclass(frozen=True, slots=True)
class JoulescopeDriver:
    """Joulescope JS110 or JS220.

    Attributes:
        serial: Serial number; None takes the only one.
        rate_hz: How often the instrument tells the energy that it adds up.
        root: Where ``sys`` is mounted, to look for it.
    """

    serial: str | None = None
    rate_hz: float = 50.0
    root: Path = Path("/")

    def __post_init__(self) -> None:
        if not 1 <= self.rate_hz <= 1000:
            raise InvalidOptionError("joulescope:rate_hz", self.rate_hz, "between 1 and 1000")

    def probe(self) -> MeterState:
        """Look for one on USB."""
        if importlib.util.find_spec("pyjoulescope_driver") is None:
            return MeterState(
                MeterStatus.MISSING_PACKAGE, "joulescope", "pip install 'edgekit[power]'"
            )
        found = plugged_in(self.root, _PRODUCTS)
        return usb_state({each.node: each for each in found}, command=_GRANT)

    def open(self) -> "JoulescopeMeter":
        """Open the instrument with automatic ranges.

        Raises:
            MeterError: There is none, several to choose from, or it does not open.
            MeterPermissionError: It may not be used.
        """
        try:
            from pyjoulescope_driver import Driver
        except ImportError as error:
            raise MissingDependencyError(
                "joulescope", extra="power", purpose="a Joulescope"
            ) from error
        state = self.probe()
        if state.command is not None:
            raise MeterPermissionError(_METER, state.detail.split()[0], command=state.command)
        driver = Driver()
        try:
            path = _choose(driver.device_paths(), self.serial)
            return JoulescopeMeter(driver, path, self.rate_hz)
        except BaseException:
            driver.finalize()
            raise


class JoulescopeMeter:
    """An open Joulescope; see `edgekit.benchmarks.power.meter.PowerMeter`.

    Args:
        driver: A ``pyjoulescope_driver.Driver``; it is finalized with the meter.
        path: The instrument's topic.
        rate_hz: How often it tells its energy.
    """

    def __init__(self, driver: Any, path: str, rate_hz: float) -> None:
        self._driver = driver
        self._path = path
        self._rate_hz = rate_hz
        self._messages: list[tuple[float, dict[str, Any]]] = []
        self._streaming = False
        model = path.split("/")[1]
        try:
            driver.open(path)
            driver.publish(f"{path}/s/i/range/{'mode' if model == 'js220' else 'select'}", "auto")
            if model == "js110":
                # Its own sums come twice a second; the driver adds up its samples instead.
                for signal in ("i", "v", "p"):
                    driver.publish(f"{path}/s/{signal}/ctrl", "on")
            driver.publish(f"{path}/s/stats/scnt", round(_SUMMED_HZ[model] / rate_hz))
        except (RuntimeError, TimeoutError) as error:
            raise MeterError(
                _METER,
                f"{path} does not open: {error}",
                hint="close other programs that use it; on Linux it needs Joulescope's udev rules",
            ) from error

    @property
    def info(self) -> MeterInfo:
        """Which instrument."""
        return MeterInfo(
            name=_METER,
            device=self._path,
            provenance=Provenance.MEASURED,
            method="energy added up from samples of current times voltage",
            rate_hz=self._rate_hz,
        )

    def start(self) -> None:
        """Begin to record and wait for the first message."""
        self._messages = []
        self._driver.subscribe(self._path + _TOPIC, "pub", self._take)
        self._driver.publish(f"{self._path}/s/stats/ctrl", 1)
        self._streaming = True
        until = perf_counter() + _ANSWER_S
        while not self._messages and perf_counter() < until:
            sleep(0.005)
        if not self._messages:
            self._end()
            raise MeterError(
                _METER,
                f"{self._path} sends nothing",
                hint="unplug it and plug it in again",
            )

    def stop(self) -> Recording:
        """Return the energy since the start."""
        self._end()
        received_s = np.array([time for time, _ in self._messages])
        messages = [message for _, message in self._messages]
        spans = np.array([message["time"]["samples"]["value"] for message in messages], np.float64)
        rate_hz = float(messages[0]["time"]["sample_freq"]["value"])
        energy_j = np.array([message["accumulators"]["energy"]["value"] for message in messages])
        times_s = host_times(spans[:, 1] / rate_hz, received_s)
        offset_s = times_s[0] - spans[0, 1] / rate_hz
        gaps = tuple(
            Gap(spans[at, 1] / rate_hz + offset_s, spans[at + 1, 0] / rate_hz + offset_s)
            for at in np.flatnonzero(spans[1:, 0] > spans[:-1, 1])
        )
        whole = np.isfinite(energy_j)
        return Recording(
            (Trace(self._path, Quantity.ENERGY, times_s[whole], energy_j[whole]),),
            gaps,
            tuple(float(times_s[at]) for at, each in enumerate(messages) if _cut_off(each)),
        )

    def close(self) -> None:
        """End the recording, close the instrument and the driver."""
        driver, self._driver = self._driver, None
        if driver is None:
            return
        if self._streaming:
            driver.publish(f"{self._path}/s/stats/ctrl", 0)
        driver.close(self._path)
        driver.finalize()

    def _end(self) -> None:
        self._streaming = False
        self._driver.publish(f"{self._path}/s/stats/ctrl", 0)
        self._driver.unsubscribe(self._path + _TOPIC, self._take)

    def _take(self, _topic: str, value: dict[str, Any]) -> None:
        self._messages.append((perf_counter(), value))


def _cut_off(message: dict[str, Any]) -> bool:
    current = message["signals"]["current"]
    peaks = (current["min"]["value"], current["max"]["value"])
    return any(math.isfinite(peak) and abs(peak) >= _LIMIT_A for peak in peaks)


def _choose(paths: Sequence[str], serial: str | None) -> str:
    found = [
        path
        for path in paths
        if path.split("/")[1] in _SUMMED_HZ and serial in (None, path.split("/")[-1])
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        which = f"with serial number {serial} " if serial else ""
        raise MeterError(
            _METER,
            f"there is none {which}on USB",
            hint="plug it in; on Linux it needs Joulescope's udev rules",
        )
    raise MeterError(
        _METER, f"several are there: {', '.join(found)}", hint="name one: joulescope:serial=NUMBER"
    )
