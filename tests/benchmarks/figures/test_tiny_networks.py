"""The torch modules of MLPerf Tiny's networks compute what the published files compute."""

import numpy as np
import onnxruntime
import pytest
import torch


@pytest.mark.parametrize("name", ["kws", "ic", "ad"])
def test_the_module_is_the_published_network(script, test_data, name):
    network = script("tiny_networks").NETWORKS[name]
    path = test_data / network.file
    session = onnxruntime.InferenceSession(path.read_bytes())
    (given,) = session.get_inputs()
    module = network.module(path).eval()
    for sample in network.samples(3, test_data):
        value = sample.reshape(network.shape)
        (expected,) = session.run(None, {given.name: value})
        with torch.no_grad():
            actual = module(torch.from_numpy(value)).numpy()
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)
