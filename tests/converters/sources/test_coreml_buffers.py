"""The buffers by which coremltools says what it did to a torch model's weights."""

import pytest
import torch
from torch import nn

from edgekit.converters.compression import examine
from edgekit.converters.sources import open_source
from edgekit.converters.sources.coreml_buffers import declared_compression


@pytest.fixture
def network():
    """A convolution with a palette of 16 values and a 4-bit Linear, marked as coremltools does."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 6))
    conv, linear = net[0], net[3]
    table = torch.linspace(-1.3, 1, 16) ** 3
    with torch.no_grad():
        conv.weight.copy_(table[torch.randint(0, 16, conv.weight.shape)])
        linear.weight.copy_(0.03 * torch.randint(-7, 8, linear.weight.shape))
    net.register_buffer("_COREML_/metadata_version", torch.tensor(1))
    conv.register_buffer("_COREML_/weight/compression_type", torch.tensor([2]))
    conv.register_buffer("_COREML_/weight/lut", table.reshape(1, 1, 1, 1, 16, 1))
    linear.register_buffer("_COREML_/weight/compression_type", torch.tensor([1, 3]))
    linear.register_buffer("_COREML_/weight/quantization_n_bits", torch.tensor(4))
    return net.eval()


SAID = {
    "0.weight": "coremltools: a palette of 16 values",
    "3.weight": "coremltools: pruned, quantized to 4 bits",
}


def test_what_the_buffers_say(network):
    assert declared_compression(network.state_dict()) == SAID
    assert declared_compression(nn.Linear(3, 3).state_dict()) == {}


def test_an_unknown_version_is_left_alone(network):
    state = {**network.state_dict(), "_COREML_/metadata_version": torch.tensor(9)}
    assert declared_compression(state) == {}


def test_buffers_without_their_details_say_the_kind(network):
    state = {
        name: value
        for name, value in network.state_dict().items()
        if not name.endswith(("lut", "n_bits"))
    }
    assert declared_compression(state) == {
        "0.weight": "coremltools: a palette",
        "3.weight": "coremltools: pruned, quantized",
    }


def test_findings_bear_it_beside_what_was_counted(network):
    source = open_source(network, example_inputs=(torch.zeros(1, 3, 8, 8),))
    found = {item.tensor: item.figures for item in examine(source) if "declared" in item.figures}
    assert {name: figures["declared"] for name, figures in found.items()} == SAID
    assert found["0.weight"]["values"] == 16
    assert found["3.weight"]["bits"] == 4
