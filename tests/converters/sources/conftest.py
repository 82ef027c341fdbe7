"""Small float TFLite graphs, made operator by operator."""

import numpy as np
import pytest

from edgekit.converters.graph import DataType
from edgekit.converters.graph.builder import GraphBuilder, Value


@pytest.fixture
def dense_graph():
    """Make ``x [1,4] -> FULLY_CONNECTED -> y [1,3]``, and let a test change it before the end."""

    def make(change=lambda _: None):
        generator = np.random.default_rng(0)
        builder = GraphBuilder()
        x = Value("x", (1, 4), DataType.FLOAT32)
        weights = builder.constant(generator.standard_normal((3, 4)).astype(np.float32), "w")
        builder.inputs = [x]
        builder.outputs = [builder.emit("FULLY_CONNECTED", [x, weights, None], (1, 3), name="y")]
        change(builder)
        return builder.finish()

    return make
