"""Random small graphs, sizes chosen to collide: float as exact, int8 within its noise."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import helper

from edgekit.runtime.interpreter import Kernels

SIZES = st.sampled_from([2, 3, 4])


class Graph:
    """A graph in the making: its last tensor, its shape, and earlier tensors by shape."""

    def __init__(self, shape, seed):
        self.generator = np.random.default_rng(seed)
        self.nodes, self.constants = [], {}
        self.last, self.shape = "x", shape
        self.seen = {shape: ["x"]}

    def add(self, kind, shape, *others, **attributes):
        name = f"t{len(self.nodes)}"
        node = helper.make_node(kind, [self.last, *others], [name], name=f"n_{name}", **attributes)
        self.nodes.append(node)
        self.last, self.shape = name, tuple(shape)
        self.seen.setdefault(self.shape, []).append(name)

    def __repr__(self):
        steps = [
            f"{node.op_type}({', '.join(node.input)}) -> {node.output[0]}" for node in self.nodes
        ]
        return "; ".join(steps)

    def constant(self, shape, *, values=None):
        name = f"c{len(self.constants)}"
        drawn = self.generator.standard_normal(shape) / np.sqrt(max(1, np.prod(shape[1:])))
        self.constants[name] = drawn.astype(np.float32) if values is None else np.array(values)
        return name


def convolve(graph, draw):
    channels = graph.shape[1]
    kernel = draw(st.integers(1, min(3, *graph.shape[2:])))
    depthwise = draw(st.booleans())
    outputs = channels if depthwise else draw(SIZES)
    weights = graph.constant((outputs, 1 if depthwise else channels, kernel, kernel))
    pad = draw(st.integers(0, kernel - 1))
    sizes = [size + 2 * pad - kernel + 1 for size in graph.shape[2:]]
    group = channels if depthwise else 1
    graph.add("Conv", (1, outputs, *sizes), weights, group=group, pads=[pad] * 4)


def activate(graph, draw):
    graph.add(draw(st.sampled_from(["Relu", "Sigmoid", "Tanh", "HardSwish"])), graph.shape)


def combine(graph, draw):
    shape = draw(st.sampled_from([graph.shape[1:], (graph.shape[1], 1, 1), graph.shape[3:]]))
    graph.add(draw(st.sampled_from(["Add", "Mul", "Sub"])), graph.shape, graph.constant(shape))


def rejoin(graph, draw):
    """Add something with the same shape, as a residual connection does."""
    graph.add("Add", graph.shape, draw(st.sampled_from(graph.seen[graph.shape])))


def move(graph, draw):
    order = [0, *draw(st.permutations([1, 2, 3]))]
    graph.add("Transpose", [graph.shape[axis] for axis in order], perm=order)


def pool(graph, draw):
    kind = draw(st.sampled_from(["MaxPool", "AveragePool"]))
    sizes = [size - 1 for size in graph.shape[2:]]
    if min(sizes) > 0:
        graph.add(kind, (*graph.shape[:2], *sizes), kernel_shape=[2, 2])


def double(graph, draw):
    axis = draw(st.integers(1, 3))
    shape = [2 * size if index == axis else size for index, size in enumerate(graph.shape)]
    graph.add("Concat", shape, graph.last, axis=axis)


def reduce(graph, draw):
    axis = draw(st.integers(1, 3))
    shape = [1 if index == axis else size for index, size in enumerate(graph.shape)]
    graph.add("ReduceMean", shape, graph.constant((), values=[axis]))


def refold(graph, draw):
    shape = [graph.shape[index] for index in (0, 2, 3, 1)]
    graph.add("Reshape", shape, graph.constant((), values=shape))


STEPS = [convolve, convolve, activate, combine, rejoin, move, pool, double, reduce, refold]


@st.composite
def random_graphs(draw):
    shape = (1, draw(SIZES), draw(SIZES), draw(SIZES))
    graph = Graph(shape, draw(st.integers(0, 1000)))
    for step in draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=7)):
        step(graph, draw)
    return shape, graph


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(random_graphs())
def test_int8_stays_within_its_noise(quantized, model_of, drawn):
    shape, graph = drawn
    if not graph.nodes:
        return
    model = model_of(graph.nodes, {"x": shape}, [graph.last], graph.constants)

    def sample(generator):
        return {"x": generator.uniform(-1, 1, shape).astype(np.float32)}

    result = quantized(model, sample, count=16, kernels=(Kernels.BUILTIN,))

    assert result.violations == ()
    # Weights have a gain near 1, so each of at most a dozen roundings moves the result by about
    # half a step of its own grid; products of two rounded tensors cost a little more.
    assert result.largest_error <= 10 * result.largest_step


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(random_graphs())
def test_float_is_exact(exact, model_of, drawn):
    shape, graph = drawn
    if graph.nodes:
        exact(model_of(graph.nodes, {"x": shape}, [graph.last], graph.constants))
