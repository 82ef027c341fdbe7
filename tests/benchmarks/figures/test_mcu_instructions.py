"""The script of instructions measures a real build, and sets each beside the right peer."""

import json
import sys

import numpy as np
import pytest

HEADER = (
    "model,core,kernels,optimisation,instructions_per_inference,code_bytes,model_bytes,"
    "arena_bytes,other_static_bytes\n"
)


@pytest.fixture(scope="module")
def counts(script):
    return script("mcu_instructions")


@pytest.fixture
def peers(counts, tmp_path):
    path = tmp_path / "peer.csv"
    rows = [
        "ad,cortex-m4,tflm+cmsis-nn,-O3,3000,500,50,70,7",
        f"ad,cortex-m4,tflm+cmsis-nn,{counts.PEER_FAIREST},2000,400,50,60,6",
        "ad,cortex-m4,tflm reference,-O3,9000,500,50,70,7",
    ]
    path.write_text(HEADER + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def models(counts, c_libraries, c_cases, c_boards, monkeypatch, tmp_path):
    """A folder with one small model in place of the three."""
    monkeypatch.setattr(counts, "MODELS", ("ad",))
    node = c_cases.dense(c_libraries, np.random.default_rng(0))
    (tmp_path / "ad_ref_int8.tflite").write_bytes(c_libraries.model_of([node]))
    return tmp_path


def test_a_build_is_measured_and_recorded(counts, models, peers, monkeypatch, capsys):
    record = models / "record.json"
    options = ["--peer", str(peers), "--json", str(record), "--samples", "2"]
    options += ["--core", "cortex-m4", "--optimisation=-O3"]
    monkeypatch.setattr(sys, "argv", ["mcu_instructions.py", str(models), *options])
    counts.main()
    [build] = json.loads(record.read_text())["builds"]
    assert build["isa"] == "dsp"
    assert list(build["layers"]) == ["FULLY_CONNECTED #0"]
    assert 0 < build["instructions"] <= 2 * build["layers"]["FULLY_CONNECTED #0"]
    assert build["flash_bytes"] > build["weights_bytes"] > 0
    row = capsys.readouterr().out.splitlines()[-1]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    taken = build["instructions"]
    assert cells[3:6] == [
        f"{taken:,}",
        f"3,000 ({3000 / taken:.2f}x)",
        f"2,000 ({2000 / taken:.2f}x)",
    ]
    assert cells[7] == f"77 ({77 / build['ram_bytes']:.2f}x)"


def test_peers_are_those_with_fast_kernels(counts, peers):
    assert [peer.instructions for peer in counts.read_peers(peers)] == [3000, 2000]
