"""One real engine for the run, what was lowered with it, described models, and a small disk."""

import os
import subprocess
import warnings
from dataclasses import dataclass

import onnx
import pytest
import torch

from edgekit.bundle import Bundle
from edgekit.converters.cache import Cache
from edgekit.converters.engines import LoweredModel
from edgekit.converters.engines.onnx2tf_engine import Onnx2tfEngine
from edgekit.converters.sources import SourceModel, open_source
from edgekit.converters.tflite_metadata import with_metadata


@pytest.fixture(scope="session")
def peft():
    """The peft package, imported without its own packages' warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("peft")


@dataclass(frozen=True)
class Case:
    """A source, what the engine made of it, and samples for it in the source's layout."""

    source: SourceModel
    lowered: LoweredModel
    samples: list


@pytest.fixture(scope="session")
def engine(engine_cache, tmp_path_factory):
    log = tmp_path_factory.mktemp("engine") / "engine.log"
    with Onnx2tfEngine(Cache(engine_cache), log) as opened:
        yield opened


@pytest.fixture(scope="session")
def lower(engine):
    """Lower a source and keep samples beside it: dicts by input name, or arrays for one input."""

    def make(source, samples):
        named = [
            item if isinstance(item, dict) else {source.inputs[0].name: item} for item in samples
        ]
        return Case(source, engine.lower(source), named)

    return make


@pytest.fixture(scope="session")
def classifier(lower, small_models):
    source = open_source(small_models.Classifier(), example_inputs=torch.zeros(1, 3, 8, 8))
    return lower(source, small_models.pictures(60)[:, None])


@pytest.fixture(scope="session")
def exported(lower, small_models, tmp_path_factory):
    """The classifier as the .onnx file that torch's exporter writes."""
    path = tmp_path_factory.mktemp("exported") / "classifier.onnx"
    model = small_models.Classifier().eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's, about itself
        torch.onnx.export(model, (torch.zeros(1, 3, 8, 8),), dynamo=True, verbose=False).save(path)
    return lower(open_source(path), small_models.pictures(60)[:, None])


@pytest.fixture(scope="session")
def two_by_two(lower, small_models):
    """A picture and token ids in, three tensors out."""
    example = (torch.zeros(1, 3, 8, 8), torch.zeros(1, 6, dtype=torch.long))
    source = open_source(small_models.TwoByTwo(), example_inputs=example)
    pictures = small_models.pictures(40)[:, None]
    ids = torch.randint(0, 30, (40, 1, 6), generator=torch.manual_seed(1)).numpy()
    return lower(source, [{"zoom": p, "ids": i} for p, i in zip(pictures, ids, strict=True)])


@pytest.fixture(scope="session")
def open_onnx(tmp_path_factory):
    """Open an ``onnx.ModelProto`` as a source."""

    def make(model):
        path = tmp_path_factory.mktemp("onnx") / "net.onnx"
        onnx.save(model, str(path))
        return open_source(path)

    return make


@pytest.fixture
def picture(tflite_models, tmp_path) -> Bundle:
    """A picture classifier with five classes."""
    return tflite_models.conv_bundle(tmp_path / "picture.edgekit")


@pytest.fixture
def pair(tflite_models, tmp_path) -> Bundle:
    """A model with two inputs and two outputs."""
    return tflite_models.pair_bundle(tmp_path / "pair.edgekit")


@pytest.fixture
def describe(tflite_models):
    """Add metadata to the model of a bundle, or to another one with the same interface."""

    def make(bundle, *, name="zoo", labels=tflite_models.CONV_LABELS, model=None):
        return with_metadata(
            model or bundle.model,
            name=name,
            inputs=bundle.manifest.inputs,
            outputs=bundle.manifest.outputs,
            labels=labels,
        )

    return make


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MiB; tests are skipped where none can be mounted."""
    folder = tmp_path / "small-disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "edgekit-test", str(folder)]
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    mounted = subprocess.run(command, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"cannot mount a small file system: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
