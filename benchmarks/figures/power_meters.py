"""How right the drivers of power meters are, and what watching a run costs it.

    python benchmarks/figures/power_meters.py kws.edgekit --json docs/figures/power_meters.json

Each driver measures the stand-in of its device that its tests use (``tests/power_stand_ins.py``),
whose joules are known: RAPL's counters wrap in every repeat. The errors are those of the driver
and of the timing on this machine; a real meter adds its own.

With a bundle, the same benchmark runs with and without a meter of a hundred samples a second, in
turns and random order: the ratio of latencies is what watching costs. With the folder of test
data (``EDGEKIT_TEST_DATA``), the estimate from a device's power is held against published
results: each model of a system by the mean power of the system's other models.
"""

import argparse
import csv
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, sleep
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np

from edgekit.benchmarks import BenchmarkOptions, HostTarget, benchmark, capture_state
from edgekit.benchmarks.power import MeterDriver, Trace
from edgekit.benchmarks.power.ina import Ina219Driver, Ina226Driver, Ina260Driver
from edgekit.benchmarks.power.metering import metering
from edgekit.benchmarks.power.ppk2 import Ppk2Driver
from edgekit.benchmarks.power.rapl import RaplDriver
from edgekit.benchmarks.statistics import median
from edgekit.bundle import Bundle
from edgekit.files import atomic_write

ROOT = Path(__file__).parents[2]
SECONDS = 2.0
ZONES = {"intel-rapl:0": "package-0"}
SPAN_UJ = 200_000_000
# Of a PPK2: range and ADC of two loads, and how many samples each of them lasts.
LOADS = ((1, 5000), (3, 4000))
LOAD_SAMPLES = 1000
DATA = Path(os.environ.get("EDGEKIT_TEST_DATA", ROOT.parent / "shared" / "data"))


def stand_ins() -> ModuleType:
    """Return the module of the tests that has the device side of meters."""
    sys.path.insert(0, str(ROOT / "tests"))
    import power_stand_ins

    return power_stand_ins


def record(driver: MeterDriver) -> tuple[Trace, float, float]:
    """Return what a meter recorded, and a window in it."""
    meter = driver.open()
    meter.start()
    sleep(0.1)
    start = perf_counter()
    sleep(SECONDS)
    end = perf_counter()
    sleep(0.1)
    (trace,) = meter.stop().traces
    meter.close()
    return trace, start, end


def rapl_error(parts: ModuleType) -> float:
    """Return the relative error across a wrap of the counter."""
    with tempfile.TemporaryDirectory() as folder:
        root = parts.RaplRoot(Path(folder), ZONES, SPAN_UJ, {"intel-rapl:0": 90.0}, SPAN_UJ - 10**8)
        with root:
            root.rest()
            before = root.joules("intel-rapl:0")
            meter = RaplDriver(root.root).open()
            meter.start()
            start = perf_counter()
            root.load()
            sleep(SECONDS)
            root.rest()
            sleep(0.2)
            end = perf_counter()
            (trace,) = meter.stop().traces
            meter.close()
        if root.wraps("intel-rapl:0") != 1:
            raise SystemExit("the counter did not wrap: this machine is too slow")
        return trace.energy_j(start, end) / (root.joules("intel-rapl:0") - before) - 1


def ppk2_error(parts: ModuleType) -> float:
    """Return the relative error of a load that switches, against ppk2-api's own conversion."""
    from ppk2_api.ppk2_api import PPK2_API

    with parts.Ppk2Device(lambda number: LOADS[number // LOAD_SAMPLES % 2]) as device:
        trace, start, end = record(Ppk2Driver(port=device.port))
        reference = PPK2_API(device.port)
        reference.get_modifiers()
        reference.current_vdd = 3300
        # The last of many: the first ones after a change of range are filtered.
        levels = [reference.get_samples(device.word(at) * 50)[0][-1] for at in (0, LOAD_SAMPLES)]
        reference.ser.close()
    # Whole periods, wherever in one the window begins.
    period_s = 2 * LOAD_SAMPLES / 1e5
    seconds = np.floor((end - start) / period_s) * period_s
    true_j = sum(levels) / 2 * 3.3e-6 * seconds
    return trace.energy_j(start, start + seconds) / true_j - 1


def ina_error(parts: ModuleType, kind: str) -> float:
    """Return the relative error at 0.123 A and 3.3 V."""
    import smbus2.smbus2

    drivers = {"ina219": Ina219Driver, "ina226": Ina226Driver, "ina260": Ina260Driver}
    chip = parts.InaRegisters(kind, 0x40, 0.123, 3.3)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        (Path(folder) / "dev").mkdir()
        (Path(folder) / "dev/i2c-1").touch()
        stack.enter_context(mock.patch.object(smbus2.smbus2, "ioctl", parts.I2cKernel(chip)))
        trace, start, end = record(drivers[kind](root=Path(folder)))
    return trace.energy_j(start, end) / (0.123 * 3.3 * (end - start)) - 1


def watching_cost(parts: ModuleType, bundle: Bundle, rounds: int) -> dict[str, Any]:
    """Return latencies with and without a meter, in turns."""
    options = BenchmarkOptions(windows=1, window_seconds=0.5, warmup_seconds=0.1)
    samples: dict[str, list[float]] = {"without": [], "with": []}
    generator = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        parts.RaplRoot(Path(folder), ZONES, 10**12, {"intel-rapl:0": 1.0})
        for _ in range(rounds):
            for name in generator.permutation(list(samples)):
                text = f"rapl:root={folder}" if name == "with" else None
                with metering(text, idle_seconds=0, target=HostTarget()) as energy:
                    result = benchmark(bundle, options=options, observers=energy.observers)
                    samples[name].append(result.latency.value)
    ratios = [watched / alone for watched, alone in zip(*reversed(samples.values()), strict=True)]
    low, high = np.percentile(ratios, (25, 75))
    return {"ratio": median(ratios), "quartiles": [low, high], "samples_us": samples}


def model_errors() -> Iterator[float]:
    """Yield relative errors of mean power times latency, among published results."""
    with (DATA / "published_mlperf_tiny.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["energy_uJ_per_inf"]]
    systems: dict[tuple[str, ...], dict[str, float]] = {}
    keys = ("round", "submitter", "system_id", "board", "clock_raw", "voltage", "hw_notes")
    for row in rows:
        power = float(row["energy_uJ_per_inf"]) / float(row["latency_ms"])
        systems.setdefault(tuple(row[key] for key in keys), {})[row["benchmark"]] = power
    # Some systems were submitted again with the same figures.
    for powers in {tuple(sorted(powers.items())) for powers in systems.values()}:
        for task, power in powers:
            others = [other for name, other in powers if name != task]
            if others:
                yield abs(sum(others) / len(others) / power - 1)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundle", type=Path, nargs="?", help="to see what watching costs")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    parts = stand_ins()
    measures: dict[str, Callable[[], float]] = {
        "rapl": lambda: rapl_error(parts),
        "ppk2": lambda: ppk2_error(parts),
        **{
            kind: lambda kind=kind: ina_error(parts, kind)
            for kind in ("ina219", "ina226", "ina260")
        },
    }
    found: dict[str, Any] = {"load_average": capture_state().load_average, "errors": {}}
    for name, measure in measures.items():
        errors = [measure() for _ in range(options.repeats)]
        found["errors"][name] = errors
        print(f"{name:8} largest error of {len(errors)}: {max(map(abs, errors)):.3%}")
    if options.bundle is not None:
        cost = watching_cost(parts, Bundle.open(options.bundle), 4 * options.repeats)
        found["watching"] = cost
        low, high = cost["quartiles"]
        print(f"latency with a meter over without: {cost['ratio']:.4f} ({low:.4f} to {high:.4f})")
    if DATA.is_dir():
        errors = list(model_errors())
        quantiles = np.percentile(errors, (50, 90, 95)).tolist()
        found["model"] = {
            "count": len(errors),
            "mean": float(np.mean(errors)),
            "p50_p90_p95": quantiles,
        }
        print(f"power times latency, {len(errors)} results: mean error {np.mean(errors):.1%}, "
              f"95 % within {quantiles[2]:.1%}")  # fmt: skip
    if options.json:
        atomic_write(options.json, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
