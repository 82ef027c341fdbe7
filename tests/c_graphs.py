"""Random integer graphs of mixed operators: branches, joins, residual sums, several outputs."""

import numpy as np

from edgekit.converters.graph import DataType, Quantization, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value


def random_graph(seed, operators=14):
    """Return the .tflite of a graph that grows from one picture, an operator at a time."""
    grower = _Grower(np.random.default_rng(seed))
    while len(grower.builder.nodes) < operators:
        grower.grow()
    return grower.finish()


class _Grower:
    def __init__(self, rng):
        self.rng = rng
        self.builder = GraphBuilder()
        height, width, channels = (int(size) for size in rng.integers((4, 4, 1), (13, 13, 9)))
        image = Value("image", (1, height, width, channels), DataType.INT8)
        image.quantization = self.grid()
        self.builder.inputs = [image]
        self.values = [image]

    def grid(self):
        scale = float(np.float32(2.0 ** self.rng.uniform(-6, -3)))
        return Quantization((scale,), (int(self.rng.integers(-128, 128)),), 0)

    def grow(self):
        steps = (
            *(self.convolution,) * 3,
            *(self.depthwise,) * 2,
            self.pool,
            *(self.residual,) * 2,
            self.product,
            self.join,
            self.split,
            self.activation,
            self.pad,
            self.transpose,
            self.resize,
        )
        # Mostly where the graph ends, sometimes on from an earlier place: a branch.
        recent = self.values[-3:] if self.rng.integers(3) else self.values
        steps[self.rng.integers(len(steps))](recent[self.rng.integers(len(recent))])

    def emit(self, kind, inputs, shape, quantization=None, **options):
        output = self.builder.emit(kind, inputs, shape, dtype=DataType.INT8, **options)
        output.quantization = quantization or self.grid()
        self.values.append(output)
        return output

    def constant(self, values, scale=None, axis=0):
        value = self.builder.constant(np.asarray(values), "constant")
        if scale is not None:
            scales = tuple(np.atleast_1d(np.float32(scale)).tolist())
            value.quantization = Quantization(scales, (0,) * len(scales), axis)
        return value

    def weighted(self, kind, x, weights, outputs, shape, axis, **options):
        scale = 2.0 ** self.rng.uniform(-8, -5, outputs)
        bias = self.rng.integers(-500, 500, outputs).astype(np.int32)
        inputs = [
            x,
            self.constant(weights, scale, axis),
            self.constant(bias, x.quantization.scales[0] * np.float32(scale)),
        ]
        activation = int(self.rng.choice([0, 1, 3]))
        self.emit(kind, inputs, shape, fused_activation_function=activation, **options)

    def weights(self, shape):
        return self.rng.integers(-127, 128, shape).astype(np.int8)

    def window(self, x):
        stride = int(self.rng.choice([1, 1, 2]))
        _, height, width, _ = x.shape
        options = {"padding": 0, "stride_h": stride, "stride_w": stride}
        return -(-height // stride), -(-width // stride), options

    def convolution(self, x):
        size = int(self.rng.choice([1, 1, 3, 5]))
        height, width, options = self.window(x)
        outputs = int(self.rng.integers(1, 17))
        weights = self.weights((outputs, size, size, x.shape[3]))
        options |= {"dilation_h_factor": 1, "dilation_w_factor": 1}
        shape = (1, height, width, outputs)
        self.weighted("CONV_2D", x, weights, outputs, shape, 0, **options)

    def depthwise(self, x):
        size = int(self.rng.choice([3, 3, 5]))
        height, width, options = self.window(x)
        channels = x.shape[3]
        weights = self.weights((1, size, size, channels))
        options |= {"dilation_h_factor": 1, "dilation_w_factor": 1, "depth_multiplier": 1}
        shape = (1, height, width, channels)
        self.weighted("DEPTHWISE_CONV_2D", x, weights, channels, shape, 3, **options)

    def pool(self, x):
        kind = str(self.rng.choice(["AVERAGE_POOL_2D", "MAX_POOL_2D"]))
        height, width, options = self.window(x)
        options |= {"filter_height": 2, "filter_width": 3, "fused_activation_function": 0}
        self.emit(kind, [x], (1, height, width, x.shape[3]), x.quantization, **options)

    def partner(self, x):
        """Return an earlier value of the same shape, where there is one; else itself."""
        same = [value for value in self.values if value.shape == x.shape]
        return same[self.rng.integers(len(same))]

    def residual(self, x):
        kind = str(self.rng.choice(["ADD", "ADD", "SUB"]))
        self.emit(kind, [x, self.partner(x)], x.shape, fused_activation_function=0)

    def product(self, x):
        gate = self.constant(self.weights((1, 1, 1, x.shape[3])), 2.0**-7)
        self.emit("MUL", [x, gate], x.shape, fused_activation_function=0)

    def join(self, x):
        same = [item for item in self.values if item.shape[:3] == x.shape[:3] and item is not x]
        if not same or x.shape[3] > 32:
            return
        other = same[self.rng.integers(len(same))]
        shape = (*x.shape[:3], x.shape[3] + other.shape[3])
        # Both sides come to one scale first, as a quantizer makes them.
        grid = self.grid()
        sides = [self.emit("QUANTIZE", [side], side.shape, grid) for side in (x, other)]
        self.emit("CONCATENATION", sides, shape, grid, axis=3, fused_activation_function=0)

    def split(self, x):
        if x.shape[3] % 2 or x.shape[3] < 2:
            return
        half = (*x.shape[:3], x.shape[3] // 2)
        begin = self.constant(np.array([0, 0, 0, half[3]], np.int32))
        size = self.constant(np.array(half, np.int32))
        self.emit("SLICE", [x, begin, size], half, x.quantization)

    def activation(self, x):
        kind = str(self.rng.choice(["LOGISTIC", "RELU", "HARD_SWISH", "LEAKY_RELU"]))
        grid, options = Quantization((1 / 256,), (-128,), 0), {}
        if kind != "LOGISTIC":
            grid = x.quantization
        if kind == "LEAKY_RELU":
            options = {"alpha": 0.25}
        self.emit(kind, [x], x.shape, grid, **options)

    def pad(self, x):
        widths = np.array([[0, 0], [1, 0], [1, 2], [0, 0]], np.int32)
        shape = tuple(int(size) for size in np.array(x.shape) + widths.sum(1))
        self.emit("PAD", [x, self.constant(widths)], shape, x.quantization)

    def transpose(self, x):
        order = self.constant(np.array([0, 2, 1, 3], np.int32))
        shape = (1, x.shape[2], x.shape[1], x.shape[3])
        self.emit("TRANSPOSE", [x, order], shape, x.quantization)

    def resize(self, x):
        if x.shape[1] * x.shape[2] > 64:
            return
        size = (2 * x.shape[1], 2 * x.shape[2])
        inputs = [x, self.constant(np.array(size, np.int32))]
        options = {"align_corners": False, "half_pixel_centers": True}
        shape = (1, *size, x.shape[3])
        self.emit("RESIZE_NEAREST_NEIGHBOR", inputs, shape, x.quantization, **options)

    def finish(self):
        """End with a classifier; what nothing read is an output as well."""
        x = self.values[-1]
        axes = self.constant(np.array([1, 2], np.int32))
        mean = self.emit("MEAN", [x, axes], (1, x.shape[3]), keep_dims=False)
        weights = self.weights((7, x.shape[3]))
        self.weighted(
            "FULLY_CONNECTED", mean, weights, 7, (1, 7), 0, weights_format=0, keep_num_dims=False
        )
        dense = self.values[-1]
        self.emit("SOFTMAX", [dense], (1, 7), Quantization((1 / 256,), (-128,), 0), beta=1.0)
        read = {value for node in self.builder.nodes for value in node.reads()}
        self.builder.outputs = [value for value in self.values if value not in read]
        return write_graph(self.builder.finish())
