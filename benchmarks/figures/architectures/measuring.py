"""Convert one family with one engine, and say how near to torch the result is."""

import math
import resource
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from architectures.children import ChildError, first_line, in_child, used_seconds
from architectures.preparing import CALIBRATION, Arrays, Prepared, build
from architectures.record import EQUAL_DB, Row

__all__ = ["measure"]

_MB = 1e6
_RUN_SECONDS = 300.0  # that the evaluation samples may take


def measure(family: str, engine: str, kind: str, method: str, files: Prepared) -> Row:
    """Convert a prepared family and fill its row, as far as it gets.

    Args:
        family: Its name.
        engine: ``edgekit`` or ``onnx2tf``.
        kind: ``onnx`` for the file, ``torch`` for the module.
        method: How ranges are chosen: a calibration method's name.
        files: What was prepared; both models are written beside it.
    """
    row = Row(family, engine, kind)
    built = build(family) if kind == "torch" else None
    samples, expected = files.samples(), files.results()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            lowered, integers = _convert(row, built, method, files, samples, Path(scratch))
        except Exception as error:  # noqa: BLE001  (a family that fails is a row)
            row.error = f"{type(error).__name__}: {first_line(error)}"
            return row
    row.peak_rss_mb = round(_peak_rss_kb() * 1024 / _MB)
    (files.folder / f"{engine}-{kind}-float.tflite").write_bytes(lowered.tflite)
    if integers:
        (files.folder / f"{engine}-{kind}-int8.tflite").write_bytes(integers)
    _evaluate(row, lowered, integers, samples[CALIBRATION:], expected)
    return row


def _convert(
    row: Row, built: Any, method: str, files: Prepared, samples: list[Arrays], scratch: Path
) -> tuple[Any, bytes]:
    start = used_seconds()
    from edgekit.converters.cache import Cache
    from edgekit.converters.engines import QuantizationRequest, open_engine
    from edgekit.converters.request import CalibrationMethod
    from edgekit.converters.sources import open_source
    from edgekit.errors import EdgekitError

    source = (
        open_source(built.module, example_inputs=built.inputs) if built else open_source(files.onnx)
    )
    names = [item.name for item in source.inputs]
    calibration = [dict(zip(names, sample, strict=True)) for sample in samples[:CALIBRATION]]
    request = QuantizationRequest(calibration_method=CalibrationMethod(method))
    with open_engine(row.engine, Cache(scratch / "cache"), scratch / "log.txt") as engine:
        lowered = engine.lower(source)
        try:
            integers = engine.quantize(lowered, request, calibration)
        except EdgekitError as error:
            integers = b""
            row.error = f"{type(error).__name__}: {first_line(error)}"
    row.seconds = round(used_seconds() - start, 2)
    return lowered, integers


def _evaluate(
    row: Row, lowered: Any, integers: bytes, samples: list[Arrays], expected: list[Arrays]
) -> None:
    from edgekit.bundle.manifest import Io, Scheme
    from edgekit.converters.contract import ContractContext, check_contract
    from edgekit.converters.graph import read_graph
    from edgekit.converters.origins import origin_of
    from edgekit.runtime.interpreter import Kernels

    row.float_sqnr_db = _worst(lowered.tflite, lowered, samples, expected, Kernels.BUILTIN)
    if not integers:
        return
    graph = read_graph(integers)
    moved = [item for item in graph.main.operators if item.kind == "TRANSPOSE"]
    row.operators, row.transposes = len(graph.main.operators), len(moved)
    row.transposed = [origin_of(graph.main, item, lowered.origins) for item in moved]
    row.model_mb = round(len(integers) / _MB, 3)
    context = ContractContext(Scheme.INT8, Io.INT8, origins=lowered.origins)
    violations = check_contract(graph, context)
    row.violations = len(violations)
    row.islands = [f"{item.subject} ({item.origin})" for item in violations]
    for kernels, column in (
        (Kernels.DEFAULT, "int8_sqnr_db"),
        (Kernels.BUILTIN, "builtin_sqnr_db"),
        (Kernels.REFERENCE, "reference_sqnr_db"),
    ):
        given = integers, lowered, samples, expected, kernels
        try:  # in a child, since kernels abort on what they did not foresee
            setattr(row, column, in_child(_worst, *given, seconds=_RUN_SECONDS))
        except ChildError as error:
            row.error += f"{kernels} kernels: {error} "


def _worst(
    tflite: bytes, lowered: Any, samples: list[Arrays], expected: list[Arrays], kernels: Any
) -> float:
    """Return the SQNR of the output that is furthest from torch's, in dB."""
    from edgekit.converters.interpreting import TfliteRunner
    from edgekit.converters.parity.metrics import PairedSums

    runner = TfliteRunner(tflite, lowered.inputs, lowered.outputs, kernels=kernels)
    sums = [PairedSums() for _ in lowered.outputs]
    for sample, wanted in zip(samples, expected, strict=True):
        named = {item.name: array for item, array in zip(lowered.inputs, sample, strict=True)}
        given = runner.run(named)
        for item, value, pair in zip(lowered.outputs, wanted, sums, strict=True):
            pair.add(np.transpose(value, item.axes), given[item.name])
    least = min(pair.sqnr_db for pair in sums)
    return EQUAL_DB if math.isinf(least) else round(least, 2)


def _peak_rss_kb() -> int:
    return max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
