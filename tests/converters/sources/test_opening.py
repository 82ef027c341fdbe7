"""Opening by kind, and what is said to what cannot be opened."""

import sys

import pytest
import torch

from edgekit.converters.sources import SourceError, open_source
from edgekit.errors import MissingDependencyError


def test_unknown_kinds_of_files(tmp_path):
    path = tmp_path / "net.h5"
    path.write_bytes(b"anything")
    with pytest.raises(SourceError, match=r"net\.h5 is of no kind") as caught:
        open_source(path)
    assert ".onnx, .tflite, .pt2 or .py" in caught.value.hint


@pytest.mark.parametrize("given", [3, None, {"x": 1}, torch.zeros(2)])
def test_things_that_are_no_models(given):
    with pytest.raises(SourceError, match=f"a {type(given).__name__} is not a model"):
        open_source(given)


@pytest.mark.parametrize("inputs", [None, (), []])
def test_a_module_needs_example_inputs(inputs):
    with pytest.raises(SourceError, match="the module ReLU came without example inputs") as caught:
        open_source(torch.nn.ReLU(), example_inputs=inputs)
    assert "example_inputs=" in caught.value.hint


@pytest.mark.parametrize("inputs", [torch.zeros(2, 4), (torch.zeros(2, 4),), [torch.zeros(2, 4)]])
def test_a_lone_tensor_is_the_only_argument(inputs):
    assert open_source(torch.nn.ReLU(), example_inputs=inputs).inputs[0].shape == (2, 4)


@pytest.mark.parametrize(
    ("package", "extra"),
    [("onnx", "convert"), ("onnxruntime", "convert"), ("torch", "torch"), ("onnxscript", "torch")],
)
def test_packages_that_are_missing(monkeypatch, package, extra):
    module = torch.nn.ReLU()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError, match=f"'{package}'") as caught:
        open_source(module, example_inputs=torch.zeros(1))
    assert f"edgekit[{extra}]" in caught.value.hint
