"""Nordic's Power Profiler Kit II: 100,000 samples of current a second, over a serial port."""

import importlib.util
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.errors import InvalidOptionError
from edgekit.benchmarks.measurement import Provenance
from edgekit.benchmarks.power.arrival import host_times
from edgekit.benchmarks.power.errors import MeterError, MeterPermissionError
from edgekit.benchmarks.power.meter import MeterInfo, MeterState, MeterStatus
from edgekit.benchmarks.power.ppk2_samples import (
    SAMPLE_BYTES,
    SAMPLE_RATE_HZ,
    Ppk2Calibration,
    amperes,
    full_scale,
    numbers,
)
from edgekit.benchmarks.power.recording import Gap, Quantity, Recording, Trace
from edgekit.benchmarks.power.usb import plugged_in, usb_state
from edgekit.errors import MissingDependencyError

__all__ = ["Ppk2Driver", "Ppk2Meter"]

_METER = "ppk2"
_MODES = ("source", "ampere")
_LOWEST_MV, _HIGHEST_MV = 800, 5000
_GRANT = 'sudo usermod -aG dialout "$USER"'
_PRODUCTS = frozenset({(0x1915, 0xC00A)})
_READ_PERIOD_S = 0.004
_ANSWER_S = 3.0
_QUIET_S = 0.1
# More than this share of samples missing in total: losses of a multiple of 64 hide from the
# counter, and times would be wrong.
_MAX_UNSEEN = 0.01
_MAX_UNSEEN_S = 0.02


@dataclass(frozen=True, slots=True)
class Ppk2Driver:
    """Nordic Power Profiler Kit II.

    Attributes:
        voltage_mv: What it supplies (source), or what the device's own supply has (ampere): it
            measures current alone.
        mode: ``source`` supplies the device under test, ``ampere`` sits in its supply line.
        port: Its serial port; None looks for it.
        root: Where ``sys`` is mounted, to look for it.
    """

    voltage_mv: int = 3300
    mode: str = "source"
    port: str | None = None
    root: Path = Path("/")

    def __post_init__(self) -> None:
        if self.mode not in _MODES:
            raise InvalidOptionError("ppk2:mode", self.mode, " or ".join(_MODES))
        if not _LOWEST_MV <= self.voltage_mv <= _HIGHEST_MV:
            raise InvalidOptionError(
                "ppk2:voltage_mv", self.voltage_mv, f"between {_LOWEST_MV} and {_HIGHEST_MV}"
            )

    def probe(self) -> MeterState:
        """Look for one on USB."""
        if importlib.util.find_spec("ppk2_api") is None:
            return MeterState(
                MeterStatus.MISSING_PACKAGE, "ppk2-api", "pip install 'edgekit[power]'"
            )
        found = plugged_in(self.root, _PRODUCTS)
        return usb_state({port: each for each in found for port in each.ports}, command=_GRANT)

    def open(self) -> "Ppk2Meter":
        """Open the port, read the calibration and, as a source, switch the supply on.

        Raises:
            MeterError: There is none, or it does not answer.
            MeterPermissionError: The port may not be used.
        """
        port = self.port or _only_port()
        return Ppk2Meter(port, self.mode, self.voltage_mv)


class Ppk2Meter:
    """An open PPK2; see `edgekit.benchmarks.power.meter.PowerMeter`."""

    def __init__(self, port: str, mode: str, voltage_mv: int) -> None:
        self._port = port
        self._mode = mode
        self._voltage_mv = voltage_mv
        self._chunks: list[tuple[float, bytes]] = []
        self._halt = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure: OSError | None = None
        self._api: Any = _connect(port)
        try:
            self._calibration = self._configure()
        except BaseException:
            self.close()
            raise

    @property
    def info(self) -> MeterInfo:
        """Which port, and where the voltage comes from."""
        voltage = "that it supplies" if self._mode == "source" else "that was declared"
        return MeterInfo(
            name=_METER,
            device=self._port,
            provenance=Provenance.MEASURED,
            method=f"current times the {self._voltage_mv} mV {voltage}",
            rate_hz=SAMPLE_RATE_HZ,
        )

    def start(self) -> None:
        """Begin to measure and wait for the first samples."""
        self._chunks = []
        self._failure = None
        self._halt.clear()
        self._api.get_data()
        self._api.start_measuring()
        self._thread = threading.Thread(target=self._run, name="ppk2-reader", daemon=True)
        self._thread.start()
        until = perf_counter() + _ANSWER_S
        while not self._chunks and self._thread.is_alive() and perf_counter() < until:
            sleep(_READ_PERIOD_S)
        if not self._chunks:
            self._end()
            raise self._broken("it sends no samples")

    def stop(self) -> Recording:
        """Return the power since the start."""
        self._end()
        if self._failure is not None:
            raise self._broken(f"it stopped to answer: {self._failure}") from self._failure
        data = b"".join(chunk for _, chunk in self._chunks)
        words = np.frombuffer(data[: len(data) // SAMPLE_BYTES * SAMPLE_BYTES], "<u4")
        places = numbers(words)
        received_s = np.array([time for time, _ in self._chunks])
        ends = np.cumsum([len(chunk) for _, chunk in self._chunks]) // SAMPLE_BYTES - 1
        whole = ends >= 0
        received_s, ends = received_s[whole], ends[whole]
        device_s = places / SAMPLE_RATE_HZ
        _check_total(device_s[ends], received_s)
        times_s = device_s + (host_times(device_s[ends], received_s) - device_s[ends])[0]
        power_w = amperes(words, self._calibration, self._voltage_mv) * self._voltage_mv / 1000
        jumps = np.flatnonzero(np.diff(places) > 1)
        lost = int(places[-1]) + 1 - places.size
        return Recording(
            (Trace(self._port, Quantity.POWER, times_s, power_w),),
            tuple(Gap(float(times_s[at]), float(times_s[at + 1])) for at in jumps),
            tuple(times_s[full_scale(words)].tolist()),
            (f"{lost} of {int(places[-1]) + 1} samples were lost on the way",) if lost else (),
        )

    def close(self) -> None:
        """End the measurement and let go of the port; a supply stays on."""
        if self._thread is not None:
            with suppress(MeterError):
                self._end()
        api, self._api = self._api, None
        if api is not None:
            api.ser.close()

    def _configure(self) -> Ppk2Calibration:
        api = self._api
        # A measurement that somebody left running would drown the answer.
        api.stop_measuring()
        sleep(_QUIET_S)
        api.ser.reset_input_buffer()
        if not api.get_modifiers():
            raise self._broken("it does not tell its calibration")
        if self._mode == "source":
            api.use_source_meter()
            api.set_source_voltage(self._voltage_mv)
            api.toggle_DUT_power("ON")
        else:
            api.use_ampere_meter()
            api.set_source_voltage(self._voltage_mv)
        return Ppk2Calibration.of(api.modifiers, api.adc_mult)

    def _end(self) -> None:
        """Stop the device, take what is still on the way, and end the thread."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._api.stop_measuring()
        self._halt.set()
        thread.join(_ANSWER_S)
        if thread.is_alive():
            raise self._broken("it does not stop")

    def _run(self) -> None:
        last = perf_counter()
        while not self._halt.is_set() or perf_counter() - last < _QUIET_S:
            try:
                data = self._api.get_data()
            except OSError as error:  # serial.SerialException is one
                self._failure = error
                return
            if data:
                last = perf_counter()
                self._chunks.append((last, data))
            sleep(_READ_PERIOD_S)

    def _broken(self, why: str) -> MeterError:
        return MeterError(
            _METER,
            f"{why} (port {self._port})",
            hint="it has two ports, try the other; or unplug it and plug it in again",
        )


def _check_total(device_s: NDArray[np.float64], received_s: NDArray[np.float64]) -> None:
    """Refuse samples that fall behind the time that passes: some are missing unseen."""
    lag_s = received_s - device_s
    middle = lag_s.size // 2
    if middle == 0:
        return
    # A message may be late; the quickest of many are not.
    missing_s = float(lag_s[middle:].min() - lag_s[:middle].min())
    if missing_s > max(_MAX_UNSEEN * float(device_s[-1]), _MAX_UNSEEN_S):
        raise MeterError(
            _METER,
            f"samples of {missing_s:.2g} s are missing without a gap in their numbers, so the "
            "times of the others are not known",
            hint="use a USB port of the machine itself, and let nothing else run on it",
        )


def _connect(port: str) -> Any:
    try:
        from ppk2_api.ppk2_api import PPK2_API
    except ImportError as error:
        raise MissingDependencyError("ppk2-api", extra="power", purpose="a PPK2") from error
    try:
        return PPK2_API(port, timeout=1, write_timeout=1, exclusive=True)
    except OSError as error:
        if "Permission" in str(error):
            raise MeterPermissionError(
                _METER, port, command=_GRANT, then="  and log in again"
            ) from error
        raise MeterError(_METER, f"cannot open {port}: {error}") from error


def _only_port() -> str:
    try:
        from ppk2_api.ppk2_api import PPK2_API
    except ImportError as error:
        raise MissingDependencyError("ppk2-api", extra="power", purpose="a PPK2") from error
    ports = PPK2_API.list_devices()
    if not ports:
        raise MeterError(_METER, "there is none on USB", hint="plug it in, or give port=")
    # The first of its two ports is the one that answers.
    return str(sorted(ports)[0])
