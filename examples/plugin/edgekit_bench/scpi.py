"""A bench supply or power analyser on the network that answers SCPI's MEASure:POWer?."""

import socket
from dataclasses import dataclass

from edgekit.benchmarks import Provenance
from edgekit.benchmarks.power import (
    MeterError,
    MeterInfo,
    MeterState,
    MeterStatus,
    Poller,
    Quantity,
    Recording,
    Trace,
    find_gaps,
)

_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class ScpiDriver:
    """An instrument that answers SCPI over a socket.

    Attributes:
        host: Its address.
        port: Where it listens; 5025 is usual.
        query: What it is asked; it answers with a number of watts.
        rate_hz: How often it is asked.
    """

    host: str = "localhost"
    port: int = 5025
    query: str = "MEAS:POW?"
    rate_hz: float = 20.0

    def probe(self) -> MeterState:
        """Say whether something listens."""
        try:
            socket.create_connection((self.host, self.port), 0.2).close()
        except OSError:
            return MeterState(MeterStatus.ABSENT, f"nothing listens at {self.host}:{self.port}")
        return MeterState(MeterStatus.READY, f"{self.host}:{self.port}")

    def open(self) -> "ScpiMeter":
        """Connect and ask who it is."""
        return ScpiMeter(self)


class ScpiMeter:
    """An open connection."""

    def __init__(self, options: ScpiDriver) -> None:
        self._options = options
        try:
            self._socket = socket.create_connection((options.host, options.port), _TIMEOUT_S)
        except OSError as error:
            raise MeterError("scpi", f"no connection: {error}", hint="scpi:host=HOST") from error
        self._lines = self._socket.makefile("r", encoding="ascii")
        self._poller = Poller("scpi", self._read, options.rate_hz)
        self._device = self._ask("*IDN?")

    @property
    def info(self) -> MeterInfo:
        """Which instrument."""
        return MeterInfo(
            name="scpi",
            device=self._device,
            provenance=Provenance.MEASURED,
            method=self._options.query,
            rate_hz=self._options.rate_hz,
        )

    def start(self) -> None:
        """Begin to ask."""
        self._poller.start()

    def stop(self) -> Recording:
        """Return the power since the start."""
        times_s, values = self._poller.stop()
        trace = Trace("output", Quantity.POWER, times_s, values[:, 0])
        return Recording((trace,), find_gaps(times_s, 1 / self._options.rate_hz))

    def close(self) -> None:
        """Stop asking and hang up."""
        self._poller.halt()
        self._lines.close()
        self._socket.close()

    def _read(self) -> list[float]:
        answer = self._ask(self._options.query)
        try:
            return [float(answer)]
        except ValueError as error:
            raise MeterError("scpi", f"it answered {answer!r}, which is no power") from error

    def _ask(self, query: str) -> str:
        try:
            self._socket.sendall(f"{query}\n".encode("ascii"))
            answer = self._lines.readline().strip()
        except OSError as error:
            raise MeterError("scpi", f"it does not answer: {error}") from error
        if not answer:
            raise MeterError("scpi", "it hung up")
        return answer
