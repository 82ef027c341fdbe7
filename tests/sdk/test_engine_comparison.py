"""Comparing the engines of a bundle: with its source, without, and with the wrong one."""

from pathlib import Path

import numpy as np
import pytest

from edgekit import build
from edgekit.benchmarks import random_inputs
from edgekit.benchmarks.engines import EngineOptions
from edgekit.build_options import BuildOptions
from edgekit.bundle import Bundle
from edgekit.converters.parity import Thresholds
from edgekit.converters.sources import SourceError
from edgekit.engine_comparison import compare_engines
from edgekit.errors import UnreadableFileError
from edgekit.runtime.inputs import encode

QUICK = EngineOptions(rounds=2, block_seconds=1e-3)
NET = """
import torch

def get_model():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 5)
    )

def get_args():
    return (torch.zeros(1, 3, 8, 8),)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory, small_models, quantized_models):
    """Bundles beside what they were built from: a torch file, and a quantized ONNX model."""
    folder = tmp_path_factory.mktemp("sources")
    (folder / "net.py").write_text(NET)
    quantized_models.quantize(folder)
    sources = {"net.py": small_models.pictures(24), "quantized.onnx": quantized_models.pictures(24)}
    for name, pictures in sources.items():
        np.savez(folder / "x.npz", x=pictures)
        options = BuildOptions(
            devices=("raspberry-pi-4b",),
            calibration_data=str(folder / "x.npz"),
            thresholds=Thresholds(min_sqnr_db=5.0),
        )
        build(folder / name, folder / f"{Path(name).stem}.edgekit", options)
    return folder


def raws(bundle, pictures):
    (spec,) = bundle.manifest.inputs
    return [
        {spec.name: encode(spec, picture.reshape(spec.source_shape), "source")}
        for picture in pictures
    ]


def test_a_torch_file_runs_in_torch_and_onnxruntime(folder, small_models):
    bundle = Bundle.open(folder / "net.edgekit")
    table = compare_engines(
        bundle,
        ["litert", "onnxruntime", "torch"],
        source=folder / "net.py",
        inputs=raws(bundle, small_models.pictures(6)),
        options=QUICK,
    )
    litert, onnxruntime, torch = table.rows
    assert all(row.measured and row.agrees for row in table.rows)
    assert onnxruntime.checks == ()
    assert torch.checks[0].against == "onnxruntime"
    assert torch.checks[0].sqnr_db is None or torch.checks[0].sqnr_db > 100
    assert 10 < litert.checks[0].sqnr_db < 60
    assert (table.source, table.inputs) == ("net.py", "given, 6 samples")


def test_a_quantized_source_runs_quantized_and_without_its_grids(folder, quantized_models):
    bundle = Bundle.open(folder / "quantized.edgekit")
    table = compare_engines(
        bundle,
        ["litert", "onnxruntime", "onnxruntime-qdq"],
        source=folder / "quantized.onnx",
        inputs=raws(bundle, quantized_models.pictures(6)),
        options=QUICK,
    )
    assert table.rows[2].description.how == "QDQ as given, CPU provider"
    assert 10 < table.rows[2].checks[0].sqnr_db < 80


def test_without_a_source_its_engines_say_so(folder):
    table = compare_engines(folder / "net.edgekit", ["litert", "onnxruntime"], options=QUICK)
    assert [row.measured for row in table.rows] == [True, False]
    assert "--source" in table.rows[1].hint
    assert (table.source, table.inputs) == (None, "random, seed 0")


def test_the_source_of_another_bundle_is_refused(folder):
    with pytest.raises(SourceError, match="is not what bundle 'quantized'"):
        compare_engines(folder / "quantized.edgekit", ["litert"], source=folder / "net.py")


def test_files_that_are_not_there_are_named(folder):
    bundle = Bundle.open(folder / "net.edgekit")
    inputs = random_inputs(bundle.manifest.inputs, seed=0)
    with pytest.raises(UnreadableFileError, match=r"none\.onnx"):
        compare_engines(bundle, ["litert"], source=folder / "none.onnx", inputs=inputs)
    with pytest.raises(UnreadableFileError, match=r"none\.onnx"):
        compare_engines(bundle, ["litert"], qdq=folder / "none.onnx", inputs=inputs)
