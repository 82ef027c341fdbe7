"""Modules with an adapter as sources, and the adapters that are refused."""

import json

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from edgekit.converters.sources import SourceError, open_source, probe_sample
from edgekit.converters.sources.peft_checkpoint import AdapterError


class Net(nn.Module):
    """Two dense layers, one of which nobody calls."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.query, self.unused = nn.Linear(6, 5), nn.Linear(6, 5)

    def forward(self, x):
        return self.query(x)


X = torch.zeros(1, 3, 6)


@pytest.fixture
def adapter(tmp_path):
    """Write an adapter for a module of `Net`."""

    def write(module="query", up=None, folder="adapter"):
        path = tmp_path / folder
        path.mkdir(exist_ok=True)
        generator = torch.manual_seed(1)
        tensors = {
            f"base_model.model.{module}.lora_A.weight": torch.randn(2, 6, generator=generator),
            f"base_model.model.{module}.lora_B.weight": torch.ones(5, 2) if up is None else up,
        }
        save_file(tensors, path / "adapter_model.safetensors")
        settings = {"peft_type": "LORA", "r": 2, "lora_alpha": 3}
        (path / "adapter_config.json").write_text(json.dumps(settings))
        return path

    return write


@pytest.fixture(scope="module")
def python_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("python") / "net.py"
    path.write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.query = torch.nn.Linear(6, 5)\n"
        "    def forward(self, x):\n"
        "        return self.query(x)\n"
        "def get_model():\n"
        "    torch.manual_seed(0)\n"
        "    return Net()\n"
        "def get_args():\n"
        "    return (torch.zeros(1, 3, 6),)\n"
    )
    return path


def expected(folder, sample):
    """Compute the adapted layer in NumPy."""
    tensors = load_file(folder / "adapter_model.safetensors")
    down, up = (tensors[name].double().numpy() for name in sorted(tensors))
    layer = Net().query
    weights = layer.weight.detach().double().numpy() + 1.5 * up @ down
    return sample["x"] @ weights.T + layer.bias.detach().numpy()


def test_a_module_with_an_adapter(adapter):
    folder = adapter()
    source = open_source(Net(), example_inputs=X, adapter=str(folder))
    sample = probe_sample(source.inputs)
    (given,) = source.reference.run(sample).values()
    np.testing.assert_allclose(given, expected(folder, sample), rtol=1e-5, atol=1e-5)
    (finding,) = source.findings
    assert finding.tensor == "query.weight"
    assert (finding.figures["rank"], finding.figures["scale"]) == (2, 1.5)
    names = {item.name for item in onnx.load_from_string(source.content).graph.initializer}
    assert finding.figures["merged_tensor"] in names
    assert "merged into 1 weights" in source.notices[-1]


def test_a_python_file_with_an_adapter(adapter, python_file):
    folder = adapter()
    source = open_source(python_file, adapter=folder)
    sample = probe_sample(source.inputs)
    (given,) = source.reference.run(sample).values()
    np.testing.assert_allclose(given, expected(folder, sample), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("case", ["untrained", "for a layer that nobody calls"])
def test_an_adapter_that_changes_nothing(adapter, case):
    folder = adapter(up=torch.zeros(5, 2)) if case == "untrained" else adapter("unused")
    with pytest.raises(AdapterError, match="changes nothing") as error:
        open_source(Net(), example_inputs=X, adapter=folder)
    assert "right checkpoint" in error.value.hint


@pytest.mark.parametrize("kind", ["onnx", "program"])
def test_what_is_no_module_takes_none(adapter, kind, tmp_path):
    source = tmp_path / "net.onnx"
    source.touch()
    if kind == "program":
        source = torch.export.export(Net(), (X,))
    with pytest.raises(SourceError, match="goes onto a torch module"):
        open_source(source, adapter=adapter())
