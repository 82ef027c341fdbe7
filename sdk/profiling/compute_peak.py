"""The roof of arithmetic: how many multiply-accumulates a second large operators reach."""

from collections.abc import Callable
from time import perf_counter_ns

import numpy as np

from edgekit.benchmarks.measurement import Measurement, Provenance
from edgekit.benchmarks.profiling import ComputePeak, ProfileOptions
from edgekit.converters.graph import DataType, Graph, Quantization, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.graph.macs import subgraph_macs
from edgekit.runtime import Kernels, open_interpreter

__all__ = ["PEAK_TYPES", "measure_compute_peak"]

PEAK_TYPES = ("INT8", "FLOAT32")
# Large enough to keep every unit busy, small enough for the caches.
_CHANNELS, _DENSE = 256, 1024
# How many pixels or rows: fewer for kernels that are some hundred times slower.
_ROWS, _REFERENCE_ROWS = 32, 4
_REPEATS = 15


def measure_compute_peak(dtype: str, options: ProfileOptions) -> ComputePeak:
    """Return the most multiply-accumulates a second that a large operator reaches.

    Method: models of one large convolution or dense layer, run by the same interpreter, kernels
    and threads as what is profiled; the fastest of several calls of the fastest of them. It is
    what can be reached by these kernels, which may be below what the processor could do.

    Args:
        dtype: One of `PEAK_TYPES`.
        options: Kernels and threads.

    Raises:
        InterpreterError: The interpreter refuses the models.
    """
    rows = _REFERENCE_ROWS if options.kernels is Kernels.REFERENCE else _ROWS
    candidates = [_rate(name, made(dtype, rows), options) for name, made in _CANDIDATES.items()]
    name, rates = max(candidates, key=lambda candidate: max(candidate[1]))
    method = (
        f"fastest of {len(rates)} calls of {name}, {options.kernels} kernels, "
        f"{options.threads} thread{'s' * (options.threads > 1)}"
    )
    rate = Measurement(max(rates), "MAC/s", Provenance.MEASURED, method, samples=tuple(rates))
    return ComputePeak(dtype, name, rate)


def _rate(name: str, graph: Graph, options: ProfileOptions) -> tuple[str, list[float]]:
    interpreter, _ = open_interpreter(
        write_graph(graph), threads=options.threads, kernels=options.kernels
    )
    interpreter.invoke()
    macs, rates = subgraph_macs(graph.main), []
    for _ in range(_REPEATS):
        start = perf_counter_ns()
        interpreter.invoke()
        rates.append(macs / ((perf_counter_ns() - start) / 1e9))
    return f"{name} of {macs / 1e6:,.0f} million MACs", rates


def _pointwise(dtype: str, rows: int) -> Graph:
    shape = (1, rows, 32, _CHANNELS)
    return _one_operator("CONV_2D", dtype, shape, (_CHANNELS, 1, 1, _CHANNELS), shape)


def _spatial(dtype: str, rows: int) -> Graph:
    shape = (1, rows, 32, _CHANNELS // 2)
    weights = (_CHANNELS // 2, 3, 3, _CHANNELS // 2)
    return _one_operator("CONV_2D", dtype, shape, weights, shape)


def _dense(dtype: str, rows: int) -> Graph:
    shape = (rows * 4, _DENSE)
    return _one_operator("FULLY_CONNECTED", dtype, shape, (_DENSE, _DENSE), shape)


_CANDIDATES: dict[str, Callable[[str, int], Graph]] = {
    "a 1x1 convolution": _pointwise,
    "a 3x3 convolution": _spatial,
    "a dense layer": _dense,
}


def _one_operator(
    kind: str,
    dtype: str,
    given: tuple[int, ...],
    weights: tuple[int, ...],
    made: tuple[int, ...],
) -> Graph:
    builder = GraphBuilder()
    source = _value("given", given, dtype, 0.05)
    builder.inputs = [source]
    generator = np.random.default_rng(0)
    if dtype == "INT8":
        values = generator.integers(-127, 128, weights).astype(np.int8)
        bias = np.zeros(weights[0], np.int32)
    else:
        values = generator.standard_normal(weights).astype(np.float32)
        bias = np.zeros(weights[0], np.float32)
    kernel, offset = builder.constant(values, "weights"), builder.constant(bias, "bias")
    if dtype == "INT8":
        kernel.quantization = Quantization((0.01,), (0,), 0)
        offset.quantization = Quantization((0.05 * 0.01,), (0,), 0)
    output = builder.emit(kind, [source, kernel, offset], made, name="made")
    if kind == "CONV_2D":
        builder.nodes[-1].options.update(stride_w=1, stride_h=1)
    builder.nodes[-1].version = 4 if kind == "FULLY_CONNECTED" else 3
    if dtype == "INT8":
        output.quantization = Quantization((0.5,), (0,), 0)
    builder.outputs = [output]
    return builder.finish()


def _value(name: str, shape: tuple[int, ...], dtype: str, scale: float) -> Value:
    quantization = Quantization((scale,), (0,), 0) if dtype == "INT8" else None
    return Value(name, shape, DataType(dtype), quantization=quantization)
