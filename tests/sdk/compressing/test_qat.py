"""Quantization-aware training ends in a module whose grids stand in its ONNX export."""

import copy

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from edgekit.compressing import CompressionError, CompressionRecipe, compress
from edgekit.compressing.qat import train_quantized
from edgekit.converters.sources import open_source
from edgekit.converters.sources.torch_module import quiet_torch

RECIPE = CompressionRecipe("qat", epochs=2, rate=1e-3)


@pytest.fixture(scope="module")
def quantized(digits, trained):
    return compress(trained, RECIPE, data=digits)


def test_it_stays_accurate(quantized):
    report = quantized.report
    assert report.accuracy_after > report.accuracy_before - 3
    assert len(report.losses) == 2
    assert report.layers == ()


def test_the_onnx_export_has_the_reported_grids(quantized):
    with quiet_torch():
        program = torch.onnx.export(
            quantized.module, (torch.zeros(1, 1, 8, 8),), dynamo=True, verbose=False
        )
    model = program.model_proto
    assert "QuantizeLinear" in {node.op_type for node in model.graph.node}
    constants = {item.name: onnx.numpy_helper.to_array(item) for item in model.graph.initializer}
    exported = [
        np.atleast_1d(constants[node.input[1]])
        for node in model.graph.node
        if node.op_type == "DequantizeLinear"
    ]
    for item in quantized.report.scales:
        wanted = np.float32(item.scales)
        assert any(np.array_equal(wanted, scales) for scales in exported), item.tensor
    layers = {item.tensor for item in quantized.report.scales if item.tensor.endswith(".weight")}
    assert layers == {"0.weight", "3.weight", "6.weight", "11.weight"}


def test_the_intake_takes_the_grids(quantized):
    source = open_source(quantized.module, example_inputs=torch.zeros(1, 1, 8, 8))
    scales = {float(scale) for grid in source.trained.values() for scale in np.ravel(grid.scales)}
    assert {np.float32(s) for item in quantized.report.scales for s in item.scales} <= scales


def test_any_batch_is_taken_and_the_mode_can_be_set(quantized):
    module = quantized.module.train().eval()
    x = torch.rand(5, 1, 8, 8)
    with torch.no_grad():
        torch.testing.assert_close(module(x)[:1], module(x[:1]))


def test_it_trains_as_it_will_run(trained, digits):
    """Before a step of training, the module differs from the float one by rounding alone."""
    x = torch.from_numpy(digits[0][:100])
    modes = []

    def observe(prepared):
        prepared.train()
        prepared(x)
        modes.append([node.target for node in prepared.graph.nodes if "norm" in str(node.target)])

    with torch.no_grad():
        converted = train_quantized(copy.deepcopy(trained), (x[:1],), observe)
        noise = (converted(x) - trained(x)).square().mean() / trained(x).square().mean()
    assert modes == [[]]
    assert 10 * torch.log10(1 / noise) > 25


def test_the_weights_train(trained, digits):
    changed = []

    def train(prepared):
        before = {name: values.clone() for name, values in prepared.named_parameters()}
        prepared(torch.from_numpy(digits[0][:20])).square().mean().backward()
        torch.optim.SGD(prepared.parameters(), lr=0.1).step()
        changed.extend(
            name for name, values in prepared.named_parameters() if (values != before[name]).any()
        )

    compress(trained, "qat", train=train, example_inputs=torch.rand(1, 1, 8, 8))
    assert {f"{layer}.weight" for layer in (0, 3, 6, 11)} <= set(changed)


def test_a_fixed_batch_is_refused():
    class Fixed(nn.Module):
        def forward(self, x):
            return x + torch.zeros(2, 4)

    with pytest.raises(CompressionError, match="cannot be prepared"):
        compress(Fixed(), "qat", train=print, example_inputs=torch.rand(2, 4))
