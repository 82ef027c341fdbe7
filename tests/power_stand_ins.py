"""The device side of power meters, of known joules: sysfs trees, registers, a serial port."""

import errno
import os
import pty
import re
import select
import struct
import threading
import tty
from contextlib import contextmanager
from time import perf_counter, sleep


def write_tree(root, files):
    """Write files below a folder, each at once for whoever reads; missing folders are made."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(f"{text}\n")
        fresh.replace(path)
    return root


class RaplRoot:
    """A sysfs root whose energy counters are driven by a thread, and wrap as RAPL's do.

    Between `load` and `rest` they count; before and after that they stand still, so that the
    energy of a window that holds both is known exactly, however late its thread was.
    """

    ZONES = "sys/class/powercap"

    def __init__(self, root, domains, span_uj, watts, start_uj=0):
        self.root, self.domains, self.span_uj, self.watts = root, domains, span_uj, watts
        self._total_uj = dict.fromkeys(domains, float(start_uj))
        self._start_uj = start_uj
        self._loaded, self._ticks = True, 0
        self._halt = threading.Event()
        for zone, name in domains.items():
            files = {"name": name, "max_energy_range_uj": span_uj, "energy_uj": start_uj}
            files["constraint_0_max_power_uw"] = 150_000_000
            write_tree(root / self.ZONES / zone, files)

    def __enter__(self):
        self._last = perf_counter()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._halt.set()
        self._thread.join()

    def load(self):
        """Let the domains take power."""
        self._loaded = True

    def rest(self):
        """Let the domains take nothing; when this returns, the counters have their last value."""
        self._loaded = False
        done = self._ticks + 2
        while self._ticks < done:
            sleep(0.001)

    def add(self, zone, joules):
        """Count some energy now, where no thread does."""
        self._total_uj[zone] += joules * 1e6
        reading = int(self._total_uj[zone]) % self.span_uj
        write_tree(self.root / self.ZONES / zone, {"energy_uj": reading})

    def joules(self, zone):
        """Return what a counter has counted since it was made."""
        return (self._total_uj[zone] - self._start_uj) / 1e6

    def _run(self):
        while not self._halt.wait(0.001):
            now = perf_counter()
            seconds = now - self._last if self._loaded else 0.0
            self._last = now
            for zone in self.domains:
                self.add(zone, self.watts[zone] * seconds)
            self._ticks += 1

    def wraps(self, zone):
        """Return how often the counter has wrapped."""
        return int(self._total_uj[zone] // self.span_uj)


class InaRegisters:
    """The registers of an INA219, INA226 or INA260 behind the kernel's I2C calls.

    From the datasheets (SBOS448, SBOS547, SBOS656), written without the driver's arithmetic:
    voltages are converted to steps, current is shunt steps times calibration over 4096 (INA219)
    or 2048 (INA226), all in integers that are cut off at the ends of their range.
    """

    GAIN_MV = (40, 80, 160, 320)

    def __init__(self, kind, address, amperes, volts, shunt_ohm=0.1):
        self.kind, self.address, self.shunt_ohm = kind, address, shunt_ohm
        self.amperes, self.volts = amperes, volts
        self.registers = {0: {"ina219": 0x399F, "ina226": 0x4127, "ina260": 0x6127}[kind], 5: 0}

    def read(self, register):
        if register in (0x00, 0x05):
            return self.registers[register]
        if register == 0xFE:
            return 0x5449
        if register == 0xFF:
            return {"ina226": 0x2260, "ina260": 0x2270}[self.kind]
        return {"ina219": self._ina219, "ina226": self._ina226, "ina260": self._ina260}[self.kind](
            register
        )

    def write(self, register, value):
        if register == 0x05:
            value &= 0xFFFE if self.kind == "ina219" else 0x7FFF
        self.registers[register] = value

    def _ina219(self, register):
        limit = self.GAIN_MV[self.registers[0] >> 11 & 3] * 100
        shunt = max(-limit, min(limit, round(self.amperes * self.shunt_ohm / 10e-6)))
        current = shunt * self.registers[5] // 4096
        overflow = not -32768 <= current <= 32767
        bus = min(round(self.volts / 4e-3), 8000)
        return {1: shunt & 0xFFFF, 2: bus << 3 | 2 | overflow, 4: _clip(current)}[register]

    def _ina226(self, register):
        shunt = max(-32768, min(32767, round(self.amperes * self.shunt_ohm / 2.5e-6)))
        current = shunt * self.registers[5] // 2048
        overflow = not -32768 <= current <= 32767
        bus = min(round(self.volts / 1.25e-3), 0x7FFF)
        return {1: shunt & 0xFFFF, 2: bus, 4: _clip(current), 6: overflow << 2 | 8}[register]

    def _ina260(self, register):
        current = max(-12000, min(12000, round(self.amperes / 1.25e-3)))
        bus = min(round(self.volts / 1.25e-3), 0x7FFF)
        return {1: current & 0xFFFF, 2: bus, 6: 8}[register]


def _clip(value):
    return max(-32768, min(32767, value)) & 0xFFFF


class I2cKernel:
    """Stands in for `ioctl` on an I2C device file: SMBus words, with the chips on the bus."""

    I2C_SLAVE, I2C_FUNCS, I2C_SMBUS = 0x0703, 0x0705, 0x0720

    def __init__(self, *chips):
        self.chips = {chip.address: chip for chip in chips}
        self.taken, self.address = set(), None

    def __call__(self, descriptor, request, argument=None):
        os.fstat(descriptor)
        if request == self.I2C_FUNCS:
            argument.value = 0x0EFF0009
        elif request == self.I2C_SLAVE:
            if argument in self.taken:
                raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
            self.address = argument
        elif request == self.I2C_SMBUS:
            self._word(argument)
        return 0

    def _word(self, message):
        if self.address not in self.chips:
            raise OSError(errno.EREMOTEIO, os.strerror(errno.EREMOTEIO))
        chip, register = self.chips[self.address], message.command
        # A word's first byte on the wire is its low one for SMBus, its high one for the chips.
        if message.read_write:
            (message.data.contents.word,) = struct.unpack(
                "<H", struct.pack(">H", chip.read(register))
            )
        else:
            word = struct.pack("<H", message.data.contents.word)
            chip.write(register, struct.unpack(">H", word)[0])


# Of the commands that take arguments: regulator, supply on or off, mode.
_COMMAND_BYTES = {0x0C: 2, 0x0D: 3, 0x11: 2}


class Ppk2Device:
    """A PPK2 at the end of a pseudo-terminal: commands in, metadata text and samples out.

    Samples are sent at 100 kHz by the wall clock, as words of 14 bits of ADC, 3 of range, 6 of
    counter at bit 18 and 8 of logic.
    """

    RATE = 100_000
    METADATA = (
        "Calibrated: 0\nR0: 1003.3506\nR1: 101.4862\nR2: 10.1852\nR3: 0.9556\nR4: 0.0636\n"
        "GS0: 0.9935\nGS1: 0.9924\nGS2: 0.9984\nGS3: 0.9985\nGS4: 0.5832\n"
        "GI0: 0.9998\nGI1: 0.9993\nGI2: 0.9989\nGI3: 0.9987\nGI4: 0.9947\n"
        "O0: 143.5\nO1: 119.25\nO2: 62.5\nO3: 65.75\nO4: 82.5\nVDD: 3300\nHW: 35113\nmode: 2\n"
        "S0: 0.000000048\nS1: 0.000000596\nS2: 0.000005281\nS3: 0.000062577\nS4: 0.002940743\n"
        "I0: -0.000000104\nI1: -0.000001443\nI2: 0.000036439\nI3: -0.000374119\nI4: -0.009388455\n"
        "UG0: 1.00\nUG1: 1.00\nUG2: 1.00\nUG3: 1.00\nUG4: 1.00\nIA: 56\nEND\n"
    )

    def __init__(self, sample, lose=frozenset()):
        """`sample(number)` gives range and ADC; numbers in `lose` are taken, but not sent."""
        self.sample, self.lose = sample, lose
        self.commands, self.started_s, self.sent = [], None, 0
        self._pending = b""
        self._halt = threading.Event()
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        self.port = os.ttyname(slave)
        self._slave = slave

    def __enter__(self):
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._halt.set()
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)

    def _run(self):
        while not self._halt.is_set():
            if select.select([self._master], [], [], 0.002)[0]:
                self._take(os.read(self._master, 256))
            if self.started_s is not None:
                self._send_due()

    def _take(self, data):
        self._pending += data
        while self._pending:
            length = _COMMAND_BYTES.get(self._pending[0], 1)
            if len(self._pending) < length:
                return
            command, self._pending = self._pending[:length], self._pending[length:]
            self.commands.append(command)
            if command[0] == 0x19:
                self._write(self.METADATA.encode())
            elif command[0] == 0x06:
                self.started_s, self.sent = perf_counter(), 0
            elif command[0] == 0x07 and self.started_s is not None:
                self._send_due()
                self.started_s = None

    def _send_due(self):
        due = int((perf_counter() - self.started_s) * self.RATE)
        while self.sent < due and not self._halt.is_set():
            numbers = range(self.sent, min(due, self.sent + 500))
            kept = [number for number in numbers if number not in self.lose]
            self._write(b"".join(self.word(number) for number in kept))
            self.sent = numbers.stop

    def _write(self, data):
        """Write as fast as somebody reads; nobody may, after a stop."""
        while data and not self._halt.is_set():
            if select.select([], [self._master], [], 0.01)[1]:
                data = data[os.write(self._master, data) :]

    def word(self, number):
        kind, adc = self.sample(number)
        return struct.pack("<I", adc | kind << 14 | (number & 0x3F) << 18)


class JoulescopeBroker:
    """The publish and subscribe interface of pyjoulescope_driver, with one JS220 behind it.

    Messages are laid out as `jsdrv_statistics_s` is in the package's binding.
    """

    def __init__(self, watts, device="u/js220/001234", skip=frozenset()):
        self.watts, self.device, self.skip = watts, device, skip
        self.published, self.is_open, self.finalized = [], False, False
        self._take, self._thread, self._scnt = None, None, None
        self._halt = threading.Event()

    def device_paths(self):
        return [self.device] if self.device else []

    def open(self, path):
        assert path == self.device
        self.is_open = True

    def close(self, path):
        assert path == self.device
        self.is_open = False
        self._stop()

    def finalize(self):
        self.finalized = True

    def subscribe(self, topic, flags, callback):
        assert (topic, flags) == (f"{self.device}/s/stats/value", "pub")
        self._take = callback

    def unsubscribe(self, topic, callback):
        assert (topic, callback) == (f"{self.device}/s/stats/value", self._take)
        self._take = None

    def publish(self, topic, value):
        self.published.append((topic, value))
        if topic.endswith("/s/stats/scnt"):
            self._scnt = value
        elif topic.endswith("/s/stats/ctrl") and value:
            self._halt.clear()
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        elif topic.endswith("/s/stats/ctrl"):
            self._stop()

    def _stop(self):
        self._halt.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self):
        rate, energy, begun, number = 1_000_000, 17.0, perf_counter(), 0
        while not self._halt.is_set():
            number += 1
            end = begun + number * self._scnt / rate
            sleep(max(0.0, end - perf_counter()))
            watts = self.watts(end)
            energy += watts * self._scnt / rate
            if self._take is None or number in self.skip:
                continue
            samples = [(number - 1) * self._scnt + 5_000_000, number * self._scnt + 5_000_000]
            amperes = watts / 5.0
            levels = {name: {"value": amperes, "units": "A"} for name in ("avg", "min", "max")}
            message = {
                "time": {
                    "samples": {"value": samples, "units": "samples"},
                    "sample_freq": {"value": rate, "units": "Hz"},
                },
                "signals": {"current": levels},
                "accumulators": {"energy": {"value": energy, "units": "J"}},
            }
            self._take(f"{self.device}/s/stats/value", message)


@contextmanager
def as_nobody():
    """Drop root's right to read everything, as a user without permissions would be."""
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def without_sudo(command):
    """Return a command as root would run it."""
    return re.sub(r"^sudo ", "", command)
