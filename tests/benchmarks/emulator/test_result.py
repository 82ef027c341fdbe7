"""Results are immutable, survive JSON, and never pass an estimate off as a count."""

import json

import pytest

from edgekit.benchmarks import Measurement, Provenance, ResultFormatError
from edgekit.benchmarks.emulator import (
    EmulationOptions,
    EmulationResult,
    FirmwareSizes,
    LayerCount,
    Owner,
    SectionSize,
)
from edgekit.errors import UnreadableFileError

RESULT = EmulationResult(
    model="kws",
    model_sha256="00",
    device="nucleo-l4r5zi",
    core="cortex-m4",
    machine="mps2-an386",
    isa="dsp",
    inputs="given, 4 samples",
    started_at="2026-01-01T00:00:00+00:00",
    options=EmulationOptions(),
    tools={"qemu-system-arm": "QEMU emulator version 7.2"},
    instructions=(100, 104, 101, 100),
    layers=(LayerCount("conv", 60), LayerCount("softmax", 40)),
    sizes=FirmwareSizes(
        (SectionSize(".text", Owner.MODEL, 10), SectionSize(".bss", Owner.APPLICATION, 20)), 16, 256
    ),
    stack_bytes=92,
    outputs_sha256="11",
    correct=3,
    latency=Measurement(1.0, "us", Provenance.ESTIMATED, "a guess", (0.5, 2.0)),
    energy=None,
    gaps=("no energy: nobody knows",),
)


def test_json_keeps_everything(tmp_path):
    path = tmp_path / "result.json"
    RESULT.save(path)
    assert EmulationResult.load(path) == RESULT
    data = json.loads(path.read_text())
    assert data["measurements"]["instructions"]["value"] == 100.5
    assert data["sizes"]["flash_bytes"] == 10


def test_figures_say_how_they_came_about():
    figures = RESULT.measurements()
    assert list(figures) == ["instructions", "flash", "ram", "arena", "stack", "top_1", "latency"]
    estimated = {name for name, item in figures.items() if item.provenance == "estimated"}
    assert estimated == {"latency"}
    assert figures["instructions"].interval == (100, 104)
    assert (figures["top_1"].value, figures["top_1"].unit) == (75.0, "%")


@pytest.mark.parametrize(
    "change", [{"schema_version": 99}, {"instructions": "many"}, {"sizes": {}}, {"colour": 1}]
)
def test_other_json_is_refused(change, tmp_path):
    with pytest.raises(ResultFormatError):
        EmulationResult.from_json(RESULT.to_json() | change)
    path = tmp_path / "result.json"
    path.write_text(json.dumps(RESULT.to_json() | change))
    with pytest.raises(UnreadableFileError):
        EmulationResult.load(path)


def test_garbage_is_refused(tmp_path):
    with pytest.raises(ResultFormatError):
        EmulationResult.from_json([])
    path = tmp_path / "result.json"
    path.write_text("{")
    with pytest.raises(UnreadableFileError, match="not JSON"):
        EmulationResult.load(path)
    with pytest.raises(UnreadableFileError):
        EmulationResult.load(tmp_path / "none.json")
