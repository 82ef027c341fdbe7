"""Small models for the converters' tests: torch modules, ONNX graphs, and data for them."""

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

FLOAT = TensorProto.FLOAT


def onnx_model(nodes, inputs, outputs, constants=None, *, opset=18):
    """Return a model; inputs and outputs are (name, shape) or (name, shape, element type)."""

    def info(name, shape, element=FLOAT):
        return helper.make_tensor_value_info(name, element, shape)

    graph = helper.make_graph(
        nodes,
        "tested",
        [info(*item) for item in inputs],
        [info(*item) for item in outputs],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in (constants or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def node(kind, inputs, outputs, name=None, **attributes):
    """Return an ONNX node; inputs and outputs are names with spaces between."""
    return helper.make_node(
        kind, inputs.split(), outputs.split(), name=name or outputs, **attributes
    )


def weights(*shape, seed=0):
    """Return seeded float32 weights, small enough for a few layers."""
    return (np.random.default_rng(seed).standard_normal(shape) / 3).astype(np.float32)


def floor_model():
    """Return an ONNX model ``x [1,3,8,8] -> y [1,4,6,6]`` whose Floor has no int8 kernel."""
    return onnx_model(
        [
            node("Conv", "x w", "c", name="stem"),
            node("Floor", "c", "f", name="steps"),
            node("Add", "f c", "y", name="sum"),
        ],
        [("x", [1, 3, 8, 8])],
        [("y", [1, 4, 6, 6])],
        {"w": weights(4, 3, 3, 3) * 4},
    )


def scores_model(batch=1):
    """Return an ONNX model ``x [batch,4] -> scores [batch,3]``."""
    return onnx_model(
        [node("MatMul", "x w", "m"), node("Relu", "m", "scores")],
        [("x", [batch, 4])],
        [("scores", [batch, 3])],
        {"w": weights(4, 3)},
    )


class Classifier(nn.Module):
    """Pictures ``[1,3,8,8]`` to four classes."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.second = nn.Conv2d(8, 8, 3, stride=2)
        self.norm = nn.BatchNorm2d(8)
        self.drop = nn.Dropout()
        self.head = nn.Linear(8, 4)

    def forward(self, picture):
        hidden = torch.relu(self.first(picture))
        hidden = torch.relu(self.norm(self.second(hidden)))
        return torch.softmax(3 * self.head(self.drop(hidden.mean((2, 3)))), dim=-1)


class TwoByTwo(nn.Module):
    """A picture and token ids in, a vector, a probability and a feature map out."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(5)
        self.table = nn.Embedding(30, 8)
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.mixed = nn.Linear(8, 5)
        self.gate = nn.Linear(8, 7)

    def forward(self, zoom, ids):
        hidden = torch.relu(self.conv(zoom))
        pooled = hidden.mean((2, 3))
        words = self.table(ids).mean(1)
        return torch.sigmoid(self.gate(pooled)), self.mixed(pooled + words), hidden


class Cube(nn.Module):
    """A convolution whose picture has as many rows, columns and channels: ``[1,3,3,3]``."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(7)
        self.conv = nn.Conv2d(3, 3, 2, padding="same")

    def forward(self, x):
        return self.conv(x)


class Signal(nn.Module):
    """Two 1-D convolutions on ``[1,5,5]``."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(9)
        self.conv = nn.Conv1d(5, 5, 3, padding=1)
        self.last = nn.Conv1d(5, 5, 1)

    def forward(self, x):
        return torch.tanh(self.last(torch.relu(self.conv(x))))


class Square(nn.Module):
    """Attention scores of six tokens of six features each: ``[1,6,6] -> [1,6,6]``."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(11)
        self.linear = nn.Linear(6, 6)

    def forward(self, tokens):
        query = self.linear(tokens)
        return torch.softmax(query @ query.transpose(1, 2), dim=-1)


def pictures(count, shape=(3, 8, 8), seed=0):
    """Return smooth pictures ``[count, *shape]``, float32 around 0: a blob each."""
    generator = np.random.default_rng(seed)
    rows, columns = np.mgrid[: shape[1], : shape[2]]
    found = np.empty((count, *shape), np.float32)
    for picture in found:
        row, column = generator.uniform(0, shape[1], 2)
        blob = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 6)
        picture[...] = generator.normal(0, 1, (shape[0], 1, 1)) * blob * 2 - 0.2
    return found


def save(path, model):
    """Write an ONNX model and return where."""
    onnx.save(model, str(path))
    return path
