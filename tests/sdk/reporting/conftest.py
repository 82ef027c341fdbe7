"""A real bundle and real results for reports, and a browser that opens them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from edgekit.benchmarks import BenchmarkOptions, benchmark
from edgekit.benchmarks.comparing import CompareOptions, compare_bundles
from edgekit.benchmarks.emulator import (
    EmulationOptions,
    EmulationResult,
    FirmwareSizes,
    LayerCount,
    Owner,
    SectionSize,
)
from edgekit.benchmarks.engines import EngineOptions
from edgekit.benchmarks.profiling import ProfileOptions
from edgekit.build_options import BuildOptions
from edgekit.building import build
from edgekit.bundle import Bundle
from edgekit.converters.parity import Thresholds
from edgekit.engine_comparison import compare_engines
from edgekit.files import sha256_bytes
from edgekit.profiling import profile
from edgekit.reporting import Evidence, make_report, to_html

CHROMIUM, DRIVER = "chromium", "chromedriver"


@pytest.fixture(scope="session")
def bundle(tmp_path_factory, small_models):
    """A small classifier, built with labels for a phone and a microcontroller."""
    folder = tmp_path_factory.mktemp("reported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        pictures = small_models.pictures(60)
        options = BuildOptions(
            devices=("pixel-8", "nucleo-l4r5zi"),
            calibration_data={"x": pictures[:40]},
            evaluation_data={"x": pictures[40:]},
            labels=np.arange(20) % 4,
            thresholds=Thresholds(max_drop=100.0),
        )
        network = small_models.Classifier().eval()
        build(network, folder / "net.edgekit", options, example_inputs=(torch.zeros(1, 3, 8, 8),))
    return Bundle.open(folder / "net.edgekit")


@pytest.fixture(scope="session")
def results(bundle):
    """Two runs of it on this machine, with other options."""
    short = {"windows": 3, "window_seconds": 0.05, "warmup_seconds": 0.0}
    return tuple(
        benchmark(bundle, options=BenchmarkOptions(**short, threads=threads)) for threads in (1, 2)
    )


@pytest.fixture(scope="session")
def evidence(results, bundle):
    """One of everything that a report can be made from, all measured here."""
    comparison = compare_bundles(bundle, bundle, options=CompareOptions(seconds=0.2, loads=5))
    engines = ("litert", "litert-reference", "onnxruntime")
    table = compare_engines(bundle, engines, options=EngineOptions(rounds=2))
    costs = profile(bundle, options=ProfileOptions(rounds=5, turns=2))
    return Evidence(results, (bundle,), (comparison,), (table,), (costs,), (_emulated(bundle),))


def _emulated(bundle):
    """Return what an emulation told of the bundle; that one runs is tested elsewhere."""
    text, arena = ".text", ".bss"
    return EmulationResult(
        model=bundle.manifest.name,
        model_sha256=sha256_bytes(bundle.model),
        device="raspberry-pi-pico",
        core="cortex-m0plus",
        machine="mps2-an385",
        isa="portable",
        inputs="random, seed 0",
        started_at="2026-01-01T00:00:00+00:00",
        options=EmulationOptions(),
        tools={"qemu-system-arm": "QEMU emulator version 7.2"},
        instructions=(10_100, 10_000, 10_200),
        layers=(LayerCount("CONV_2D #1", 9_000), LayerCount("SOFTMAX #2", 1_000)),
        sizes=FirmwareSizes(
            (SectionSize(text, Owner.MODEL, 800), SectionSize(arena, Owner.APPLICATION, 400)),
            arena_bytes=384,
            stack_bytes=4096,
        ),
        stack_bytes=92,
        outputs_sha256="00",
        correct=None,
        latency=None,
        energy=None,
        gaps=("no latency: the profile has no coefficient",),
    )


@pytest.fixture(scope="session")
def report(evidence):
    """Everything that a report can have."""
    return make_report(evidence)


@pytest.fixture(scope="session")
def page(report, tmp_path_factory) -> Path:
    """The report as a file."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(to_html(report))
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A headless Chromium that logs its console and every request."""
    missing = [name for name in (CHROMIUM, DRIVER) if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no {' and no '.join(missing)}: apt-get install chromium chromium-driver")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    profile = tmp_path_factory.mktemp("profile")
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.binary_location = shutil.which(CHROMIUM)
    service = webdriver.ChromeService(executable_path=shutil.which(DRIVER))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture
def requests():
    """Return the addresses that a browser asked for since this was last called."""

    def asked(driver):
        messages = [
            json.loads(entry["message"])["message"] for entry in driver.get_log("performance")
        ]
        sent = [item for item in messages if item["method"] == "Network.requestWillBeSent"]
        return {item["params"]["request"]["url"] for item in sent}

    return asked
