"""Random layers with weights, as networks have them and at the corners, for generated kernels."""

import numpy as np

from edgekit.converters.graph.builder import Node

SAME, VALID = 0, 1
NONE, RELU, RELU_N1_TO_1, RELU6 = range(4)


def convolution(lib, rng, x=None, *, inputs=(1, 24), outputs=(1, 24)):
    """Return a CONV_2D, on a tensor if one is given."""
    size = rng.integers(1, 5, 2) if rng.integers(3) else np.array([1, 1])
    x = x or _image(lib, rng, int(rng.integers(*inputs)))
    window, options = _window(rng, x.shape[1:3], size)
    count = int(rng.integers(*outputs))
    shape = (count, *map(int, size), x.shape[3])
    out_shape = (x.shape[0], *window, count)
    return _weighted(lib, rng, "CONV_2D", x, shape, out_shape, options, axis=0)


def depthwise(lib, rng, x=None, *, channels=(4, 8, 12, 16, 24, 5)):
    """Return a DEPTHWISE_CONV_2D: mostly 3x3."""
    is_plain = rng.integers(4) > 0
    size = np.array([3, 3]) if is_plain else rng.integers(1, 5, 2)
    x = x or _image(lib, rng, int(rng.choice(channels)), least=3)
    window, options = _window(rng, x.shape[1:3], size, dilates=not is_plain)
    multiplier = 1 if is_plain or rng.integers(2) else 2
    options["depth_multiplier"] = multiplier
    shape = (1, *map(int, size), x.shape[3] * multiplier)
    out_shape = (x.shape[0], *window, x.shape[3] * multiplier)
    return _weighted(lib, rng, "DEPTHWISE_CONV_2D", x, shape, out_shape, options, axis=3)


def dense(lib, rng):
    """Return a FULLY_CONNECTED."""
    inputs = int(rng.integers(500, 1100) if rng.integers(6) == 0 else rng.integers(1, 150))
    outputs = int(rng.integers(1, 20))
    rows = int(rng.choice([1, 1, 3]))
    x = lib.any_tensor(rng, (rows, inputs), low=-8, high=-2)
    shape, out_shape = (outputs, inputs), (rows, outputs)
    options = {"fused_activation_function": _activation(rng)}
    return _weighted(lib, rng, "FULLY_CONNECTED", x, shape, out_shape, options, axis=None)


def addition(lib, rng):
    """Return an ADD of two tensors of one shape; the scale of one is sometimes the other's."""
    shape = tuple(map(int, rng.integers(1, 7, 3)))
    first = lib.any_tensor(rng, shape, low=-8, high=-2)
    second = lib.any_tensor(rng, shape, low=-8, high=-2)
    if rng.integers(3) == 0:
        scale = first.quantization.scales[0]
        second = lib.tensor(shape, scale=scale, zero_point=lib.random_point(rng))
    activation = _activation(rng)
    greatest = max(item.quantization.scales[0] for item in (first, second))
    out = _output(lib, rng, shape, greatest * float(rng.uniform(0.3, 2)), activation)
    return Node("ADD", [first, second], [out], {"fused_activation_function": activation})


def chain(lib, rng, length=4):
    """Return layers that each take the one before's output, so that they run in place."""
    nodes = []
    x = _image(lib, rng, 8, least=4)
    for _ in range(length):
        make = depthwise if rng.integers(2) else convolution
        options = {} if make is depthwise else {"outputs": (4, 17)}
        nodes.append(make(lib, rng, x, **options))
        x = nodes[-1].outputs[0]
    return nodes


def models_of(lib, case, seeds, together=12):
    """Return models of some layers each: every one has a buffer for its input and output."""
    models = []
    for start in range(0, len(seeds), together):
        nodes = []
        for seed in seeds[start : start + together]:
            made = case(lib, np.random.default_rng(seed))
            nodes.extend(made if isinstance(made, list) else [made])
        for index, node in enumerate(nodes):
            for output in node.outputs:
                output.name = f"{node.kind} {start}+{index}: {node.options}"
        models.append(lib.model_of(nodes))
    return models


def assert_golden_on_the_host(lib, case, seeds):
    """Check layers, and chains of layers, by portable kernels on the host."""
    lib.assert_golden(models_of(lib, case, seeds))


def _image(lib, rng, channels, least=1):
    batches = int(rng.choice([1, 1, 1, 2]))
    height, width = map(int, rng.integers(least, 9, 2))
    return lib.any_tensor(rng, (batches, height, width, channels), low=-8, high=-2)


def _window(rng, image, size, *, dilates=True):
    """Return height and width of the output, and options."""
    image = np.array(image)
    stride = rng.integers(1, 3, 2) if rng.integers(2) else np.array([1, 1])
    dilation = rng.integers(1, 3, 2) if dilates and rng.integers(3) == 0 else np.array([1, 1])
    covered = (size - 1) * dilation + 1
    padding = VALID if (covered <= image).all() and rng.integers(3) == 0 else SAME
    rest = image - covered if padding == VALID else image - 1
    options = {
        "padding": padding,
        "stride_h": int(stride[0]),
        "stride_w": int(stride[1]),
        "dilation_h_factor": int(dilation[0]),
        "dilation_w_factor": int(dilation[1]),
        "fused_activation_function": _activation(rng),
    }
    return tuple(map(int, rest // stride + 1)), options


def _weighted(lib, rng, kind, x, shape, out_shape, options, *, axis):
    """Return a node whose sums mostly fill the output's range; sometimes they are far beyond."""
    count = out_shape[-1]
    scale = 2.0 ** rng.uniform(-9, -5, count if axis is not None and rng.integers(4) else 1)
    spread = int(rng.choice([127, 127, 40]))
    data = rng.integers(-spread, spread, shape, endpoint=True)
    if rng.integers(8) == 0:
        data = np.full(shape, rng.choice([-127, 127]))
    weights = lib.tensor(shape, scale=scale, data=data, axis=axis or 0)
    product = x.quantization.scales[0] * np.float32(scale)
    bias = lib.tensor((count,), "int32", scale=product, data=rng.integers(-3000, 3000, count))
    terms = data.size // count
    typical = float(product.max()) * spread * np.sqrt(terms)
    factor = rng.uniform(0.3, 3) if rng.integers(6) else 2.0 ** -rng.uniform(4, 12)
    activation = options["fused_activation_function"]
    out = _output(lib, rng, out_shape, typical * factor, activation)
    # TensorFlow Lite Micro crashes on a depthwise convolution without a bias.
    has_bias = kind == "DEPTHWISE_CONV_2D" or rng.integers(5)
    return Node(kind, [x, weights, bias if has_bias else None], [out], options)


def _output(lib, rng, shape, scale, activation):
    """Return a tensor; after a ReLU, mostly with the zero point at the least value."""
    is_lowest = activation != NONE and rng.integers(3)
    point = -128 if is_lowest else lib.random_point(rng)
    return lib.tensor(shape, scale=scale, zero_point=point)


def _activation(rng):
    return int(rng.choice([NONE, NONE, RELU, RELU, RELU, RELU6, RELU_N1_TO_1]))
