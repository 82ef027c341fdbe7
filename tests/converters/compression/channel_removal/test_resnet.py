"""A ResNet-8 that lost half of its channels runs with a quarter of the work."""

import numpy as np

SAME = {"pads": (1, 1, 1, 1)}


def normalized(net, given, output, shape, *, stride=1):
    """Add a convolution and a batch normalization that lost every other channel."""
    count, dead = shape[0], np.arange(shape[0]) % 2 == 0
    pads = SAME if shape[-1] == 3 else {}
    steps = (stride, stride)
    zeros = np.flatnonzero(dead)
    net.layer("Conv", given, f"{output}.c", shape, dead=zeros, strides=steps, **pads)
    for name in ("scale", "shift", "mean"):
        values = net.random.standard_normal(count).astype(np.float32)
        net.constants[f"{output}.{name}"] = values * (name == "mean" or ~dead)
    net.constants[f"{output}.var"] = net.random.uniform(0.5, 2, count).astype(np.float32)
    names = " ".join(f"{output}.{name}" for name in ("scale", "shift", "mean", "var"))
    net.add("BatchNormalization", f"{output}.c {names}", output)


def block(net, given, output, counts, stride):
    """Add two convolutions beside a shortcut."""
    before, after = counts
    normalized(net, given, f"{output}.1", (after, before, 3, 3), stride=stride)
    net.add("Relu", f"{output}.1", f"{output}.r")
    normalized(net, f"{output}.r", f"{output}.2", (after, after, 3, 3))
    short = given
    if stride > 1:
        short = f"{output}.s"
        normalized(net, given, short, (after, before, 1, 1), stride=stride)
    net.add("Add", f"{output}.2 {short}", f"{output}.a")
    net.add("Relu", f"{output}.a", output)


def test_half_of_the_channels(net, relieve):
    model = net((1, 3, 32, 32))
    normalized(model, "x", "stem", (16, 3, 3, 3))
    model.add("Relu", "stem", "b0")
    block(model, "b0", "b1", (16, 16), 1)
    block(model, "b1", "b2", (16, 32), 2)
    block(model, "b2", "b3", (32, 64), 2)
    model.add("GlobalAveragePool", "b3", "mean")
    model.add("Flatten", "mean", "flat")
    model.layer("Gemm", "flat", "y", (64, 10), axis=1)
    left = relieve(model)  # compares with onnxruntime: 1e-5 of the largest output

    before, after = left.removed.macs
    assert before == 12_501_632  # MLPerf Tiny's 12.5 million
    assert after <= 0.35 * before
    assert left.removed.difference <= 1e-5
    assert {shape[-1] for kind, shape in left.shapes if kind == "ADD"} == {8, 16, 32}
