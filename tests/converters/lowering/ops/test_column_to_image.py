"""Col2Im against onnxruntime."""

import numpy as np
import pytest
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError


@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("block", [(2, 2), (1, 5), (3, 2)])
@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"strides": [2, 2]},
        {"pads": [1, 0, 1, 2]},
        {"dilations": [1, 2]},
        {"dilations": [2, 1], "strides": [1, 2], "pads": [0, 1, 1, 0]},
    ],
)
def test_blocks(lower, make_model, channels, block, attributes):
    image = (6, 10)
    strides, dilations = attributes.get("strides", [1, 1]), attributes.get("dilations", [1, 1])
    pads = attributes.get("pads", [0] * 4)
    blocks = [
        (image[i] + pads[i] + pads[i + 2] - (block[i] - 1) * dilations[i] - 1) // strides[i] + 1
        for i in range(2)
    ]
    node = helper.make_node("Col2Im", ["x", "image", "block"], ["y"], name="fold", **attributes)
    constants = {"image": np.array(image, np.int64), "block": np.array(block, np.int64)}
    shape = (2, channels * block[0] * block[1], blocks[0] * blocks[1])
    lower(make_model([node], {"x": shape}, ["y"], constants))


def test_volumes_are_refused(lower, make_model):
    node = helper.make_node("Col2Im", ["x", "image", "block"], ["y"])
    constants = {"image": np.array([3, 3, 3]), "block": np.array([1, 1, 1])}
    with pytest.raises(RefusedError, match="3 axes"):
        lower(make_model([node], {"x": (1, 2, 27)}, ["y"], constants))
