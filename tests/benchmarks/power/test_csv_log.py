"""Logs of external meters, written as they write them, on clocks of their own."""

import threading
from time import perf_counter, sleep, time

import numpy as np
import pytest

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.power import (
    Activity,
    MeterError,
    MeterStatus,
    Phase,
    energy_per_inference,
)
from edgekit.benchmarks.power.csv_log import CsvLogDriver, read_columns
from edgekit.errors import UnreadableFileError

IDLE, ACTIVE = 0.5, 2.5


class Logger:
    """A logger with a clock of its own, that sees power and the level of a wire."""

    def __init__(self, clock, wire=None, rate_hz=500):
        self.clock, self.wire, self.period = clock, wire, 1 / rate_hz
        self.rows, self.watts = [], IDLE
        self._halt = threading.Event()

    def __enter__(self):
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._halt.set()
        self._thread.join()

    def _run(self):
        while not self._halt.wait(self.period):
            level = self.wire.read_text().strip() if self.wire else "0"
            self.rows.append((self.clock(perf_counter()), self.watts, int(level or 0)))

    def rises(self):
        levels = np.array([level for _, _, level in self.rows])
        return int((np.diff(levels) > 0).sum())

    def write(self, path, header, form):
        lines = (form(*row) for row in self.rows)
        path.write_text("\n".join([header, *lines]) + "\n")


def _switch(logger, watts):
    if logger is not None:
        logger.watts = watts


def run(meter, logger=None):
    """Idle, then two windows, as a benchmark does it."""
    meter.start()
    phases, start = [], perf_counter()
    sleep(0.4)
    phases.append(Phase(Activity.IDLE, start, perf_counter()))
    _switch(logger, ACTIVE)
    for _ in range(2):
        start = perf_counter()
        sleep(0.3)
        phases.append(Phase(Activity.RUNNING, start, perf_counter(), 100))
    _switch(logger, IDLE)
    start = perf_counter()
    sleep(0.3)
    return [*phases, Phase(Activity.COOLING, start, perf_counter())]


def write_log(path, phases, clock, header, form, rate_hz=500):
    """Write what a logger of that rate has seen of a run, without any of its own delays."""
    begin, end = phases[0].end_s, phases[-2].end_s
    host = np.arange(phases[0].start_s - 0.5, phases[-1].end_s + 0.5, 1 / rate_hz)
    watts = np.where((host >= begin) & (host < end), ACTIVE, IDLE)
    lines = (form(clock(at), power) for at, power in zip(host, watts, strict=True))
    path.write_text("\n".join([header, *lines]) + "\n")


def energy(meter, phases):
    meter.expect(phases)
    recording = meter.stop()
    meter.close()
    return energy_per_inference(recording, phases, meter.info, seed=0), recording.notes[0]


def true_uj(phases):
    each = [ACTIVE * (p.end_s - p.start_s) * 1e6 / p.runs for p in phases if p.runs]
    return float(np.median(each))


def test_a_log_on_another_clock_is_found_by_its_load(tmp_path):
    path = tmp_path / "log.csv"
    meter = CsvLogDriver(path).open()
    phases = run(meter)
    write_log(path, phases, lambda now: now - 777.0, "time_s,power_w", "{:.6f},{}".format)
    found, note = energy(meter, phases)
    assert found.per_inference.value == pytest.approx(true_uj(phases), rel=0.01)
    assert found.idle_power.value == pytest.approx(500, rel=0.02)
    assert note.startswith("aligned by correlation with the load")
    offset = float(note.split("offset ")[1].split(" s")[0])
    assert offset == pytest.approx(777.0, abs=0.003)


def test_pulses_on_a_wire_align_a_log(tmp_path):
    path, wire = tmp_path / "log.csv", tmp_path / "gpio"
    wire.write_text("0")
    meter = CsvLogDriver(
        path,
        time="t [ms]",
        current="I",
        voltage="5.0",
        align="pulse",
        sync="D0",
        pulse=wire,
        time_scale=1e-3,
        wait_seconds=30,
    ).open()
    with Logger(lambda now: (now + 12.0) * 1e3, wire) as logger:
        sleep(0.05)
        phases = run(meter, logger)

        def export():
            while logger.rises() < 4:
                sleep(0.01)
            sleep(0.3)
            logger.write(path, "t [ms];D0;I", lambda t, p, level: f"{t:.3f};{level};{p / 5}")

        thread = threading.Thread(target=export)
        thread.start()
        found, note = energy(meter, phases)
        thread.join()
    # The logger is a thread, whose delays are in its log.
    assert found.per_inference.value == pytest.approx(true_uj(phases), rel=0.25)
    assert note.startswith("aligned by pulses: offset -")
    offset = float(note.split("offset ")[1].split(" s")[0])
    assert offset == pytest.approx(-12.0, abs=0.1)
    assert "edges within" in note


def test_a_log_that_is_dated_needs_no_more(tmp_path):
    path = tmp_path / "log.csv"
    meter = CsvLogDriver(path, align="clock", power="mW", power_scale=1e-3).open()
    difference = time() - perf_counter()
    phases = run(meter)
    write_log(
        path,
        phases,
        lambda now: now + difference,
        "time_s\tmW",
        lambda at, watts: f"{at:.6f}\t{watts * 1e3}",
    )
    found, note = energy(meter, phases)
    assert found.per_inference.value == pytest.approx(true_uj(phases), rel=0.02)
    assert note.startswith("aligned by clock")


def test_a_log_that_is_exported_later_is_waited_for(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("an old one")
    driver = CsvLogDriver(path, align="clock", wait_seconds=20)
    assert driver.probe().status is MeterStatus.READY
    meter = driver.open()
    meter.start()
    rows = "\n".join(f"{time() + i / 100 - 1},1.0" for i in range(300))

    def export():
        sleep(0.3)
        path.write_text(f"time_s,power_w\n{rows}\n")

    thread = threading.Thread(target=export)
    thread.start()
    (trace,) = meter.stop().traces
    thread.join()
    assert trace.times_s.size == 300


def test_a_log_that_does_not_come_is_an_error(tmp_path):
    meter = CsvLogDriver(tmp_path / "log.csv", align="clock", wait_seconds=0.2).open()
    assert meter.options.probe().status is MeterStatus.ABSENT
    meter.start()
    with pytest.raises(MeterError, match="no new"):
        meter.stop()


def test_pulses_that_are_not_in_the_log_are_an_error(tmp_path):
    path, wire = tmp_path / "log.csv", tmp_path / "gpio"
    path.write_text("time_s,power_w,D0\n0,1,0\n1,1,0\n2,1,1\n")
    meter = CsvLogDriver(path, align="pulse", sync="D0", pulse=wire).open()
    meter.start()
    with pytest.raises(MeterError, match="shows 1 pulses instead of 4"):
        meter.stop()
    assert wire.read_text() == "0"


def test_a_pulse_that_cannot_be_made_is_an_error(tmp_path):
    meter = CsvLogDriver(
        tmp_path / "log.csv", align="pulse", sync="D0", pulse=tmp_path / "no" / "gpio"
    ).open()
    with pytest.raises(MeterError, match="no pulse on"):
        meter.start()


def test_times_that_do_not_rise_are_refused(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("time_s,power_w\n1,1\n1,1\n")
    meter = CsvLogDriver(path, align="clock").open()
    meter.start()
    with pytest.raises(MeterError, match="do not rise"):
        meter.stop()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"align": "luck"}, "csv:align is 'luck'"),
        ({"align": "pulse"}, "sync= and pulse="),
        ({"current": "I"}, "together with voltage="),
        ({"time_scale": 0.0}, "csv:time_scale is 0"),
        ({"power_scale": float("nan")}, "csv:power_scale is nan"),
        ({"wait_seconds": -1.0}, "csv:wait_seconds is -1"),
    ],
)
def test_options_that_do_not_go_together(tmp_path, options, why):
    with pytest.raises(InvalidOptionError, match=why):
        CsvLogDriver(tmp_path / "log.csv", **options)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(MeterError, match="there is no folder"):
        CsvLogDriver(tmp_path / "no" / "log.csv").open()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a,b\n1,2\n", "no column 'time_s'"),
        ("time_s,power_w\n1,x\n", "'x'"),
        ("time_s,power_w\n1\n", "column"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path, text, why):
    path = tmp_path / "log.csv"
    path.write_text(text)
    with pytest.raises(UnreadableFileError, match=why):
        read_columns(path, ["time_s", "power_w"])


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UnreadableFileError, match="No such file"):
        read_columns(tmp_path / "log.csv", ["time_s"])


def test_a_mark_of_byte_order_and_quotes_are_no_part_of_a_name(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(b'\xef\xbb\xbf"time_s", "power_w"\r\n1,2\r\n3,4\r\n')
    found = read_columns(path, ["power_w", "time_s"])
    assert found["power_w"].tolist() == [2, 4]
    assert found["time_s"].tolist() == [1, 3]
