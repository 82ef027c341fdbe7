"""Zeros are the weights that matter least, and stay zero while the others train."""

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.compressing import CompressionError, CompressionRecipe, compress
from edgekit.compressing.pruning import prune_magnitude

LAYERS = ("0", "3", "6", "11")


def weights(module):
    return {name: module.get_parameter(f"{name}.weight").detach().numpy() for name in LAYERS}


def recipe(method, **options):
    return CompressionRecipe(method, **{"epochs": 2, **options})


def test_the_smallest_of_all_layers_become_zero_and_the_others_train(digits, trained):
    done = compress(trained, recipe("magnitude", sparsity=0.75), data=digits)
    before, after = weights(trained), weights(done.module)
    sizes = np.sort(np.concatenate([np.abs(values).ravel() for values in before.values()]))
    limit = sizes[round(0.75 * len(sizes))]
    for name, values in after.items():
        np.testing.assert_array_equal(values == 0, np.abs(before[name]) < limit)
        assert np.any(values[values != 0] != before[name][values != 0])
    assert not any("mask" in name or "orig" in name for name in done.module.state_dict())
    zeros = sum(layer.weights - layer.nonzero for layer in done.report.layers)
    assert zeros == round(0.75 * len(sizes))


def test_each_layer_by_itself(digits, trained):
    done = compress(trained, recipe("magnitude", sparsity=0.5, scope="layer"), data=digits)
    assert [layer.layer for layer in done.report.layers] == [*LAYERS]
    assert {layer.nonzero / layer.weights for layer in done.report.layers} == {0.5}


def test_what_remains_still_works(digits, trained):
    report = compress(trained, recipe("magnitude", sparsity=0.5), data=digits).report
    assert report.accuracy_before > 70
    assert report.accuracy_after > report.accuracy_before - 5
    assert report.held_out == 120


@pytest.mark.parametrize("norm", [1, 2])
def test_channels_of_the_least_norm_are_zero_behind_their_batch_norms(digits, trained, norm):
    done = compress(trained, recipe("channels", sparsity=0.5, norm=norm), data=digits)
    net, x = done.module, torch.from_numpy(digits[0][:50])
    for name, ends in (("0", (1, 2, 4, 5)), ("6", (6, 8))):
        values = weights(trained)[name]
        norms = np.linalg.norm(values.reshape(len(values), -1), norm, axis=1)
        zero = np.sort(np.argsort(norms)[: len(values) // 2])
        rows = weights(net)[name].reshape(len(values), -1)
        np.testing.assert_array_equal(np.flatnonzero(~rows.any(1)), zero)
        for end in ends:  # behind batch-norm, activation, depthwise convolution, bias and pooling
            with torch.no_grad():
                flows = net[: end + 1](x)
            assert not flows[:, zero].any()
            assert flows.any()
    zeros = {layer.layer: layer.zero_channels for layer in done.report.layers}
    assert zeros == {"0": 4, "3": 4, "6": 8, "11": 0}


def test_a_channel_always_stays(digits, trained):
    done = compress(trained, recipe("channels", sparsity=0.99, epochs=1), data=digits)
    zeros = {layer.layer: layer.zero_channels for layer in done.report.layers}
    assert zeros == {"0": 7, "3": 7, "6": 15, "11": 0}


def test_a_loop_of_your_own_trains_under_the_masks(trained):
    steps = []

    def train(module):
        optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
        module.train()
        for _ in range(3):
            optimizer.zero_grad()
            module(torch.rand(8, 1, 8, 8)).square().mean().backward()
            optimizer.step()
        steps.append(module)

    for method, example in (("magnitude", None), ("channels", torch.zeros(1, 1, 8, 8))):
        done = compress(trained, recipe(method), train=train, example_inputs=example)
        assert done.report.accuracy_after is None
        assert done.report.losses == ()
        assert sum(layer.nonzero for layer in done.report.layers) < 2832
        assert not done.module.training
    assert len(steps) == 2


class Shared(nn.Module):
    """Two layers with the same weights."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(4, 4), nn.Linear(4, 4)
        self.two.weight = self.one.weight


def test_shared_weights_are_refused():
    with pytest.raises(CompressionError, match="one and two share their weights"):
        compress(Shared(), "magnitude", train=print)


def test_a_module_without_layers_is_refused():
    net = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(4))
    for method in ("magnitude", "channels"):
        with pytest.raises(CompressionError, match="no convolution or linear layer"):
            compress(net, method, train=print, example_inputs=torch.zeros(2, 4))


def test_a_module_of_outputs_alone_has_no_channels_to_give():
    with pytest.raises(CompressionError, match="no layer has a channel"):
        compress(nn.Linear(4, 4), "channels", train=print, example_inputs=torch.zeros(1, 4))


def test_a_layer_does_not_vanish_silently():
    net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    with torch.no_grad():
        net[0].weight *= 1e-6
    with pytest.raises(CompressionError, match="leaves the layer 0 without weights") as caught:
        prune_magnitude(net, CompressionRecipe("magnitude"), print)
    assert "layer" in caught.value.hint


def test_masks_of_somebody_else_are_refused():
    net = nn.Linear(4, 4)
    torch.nn.utils.prune.l1_unstructured(net, "weight", 0.5)
    with pytest.raises(CompressionError, match="being pruned already"):
        prune_magnitude(net, CompressionRecipe("magnitude"), print)
