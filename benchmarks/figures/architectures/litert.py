"""Convert one family with litert-torch and litert-quantizer, and say how near to torch it is.

Runs in an environment without edgekit; SQNR is defined as `edgekit.converters.parity.metrics` does.
"""

import collections
import contextlib
import io
import math
import resource
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from architectures.children import first_line, used_seconds
from architectures.preparing import CALIBRATION, Arrays, Prepared, build
from architectures.record import EQUAL_DB, Row

__all__ = ["ENGINE", "OtherWeightsError", "measure_peer"]

ENGINE = "litert-torch"
_MB = 1e6
_SAME_DB = 100.0  # between two environments' results of the same weights
_LOWEST_DB = -300.0
_CASTS = ("QUANTIZE", "DEQUANTIZE")


class OtherWeightsError(Exception):
    """This environment's torch draws other weights than the one that prepared the family.

    Args:
        folder: What was prepared.
        decibels: The SQNR of this environment's outputs against those prepared.
        version: Of torch, in this environment.
    """

    def __init__(self, folder: Path, decibels: float, version: str) -> None:
        super().__init__(
            f"torch {version} draws other weights than those in {folder} ({decibels:.0f} dB apart);"
            " install the torch that prepared them, or prepare the folder again with this one"
        )


def measure_peer(family: str, files: Prepared) -> Row:
    """Convert a family that another environment prepared, and fill its row as far as it gets.

    Args:
        family: Its name.
        files: What was prepared; both models are written beside it.

    Raises:
        OtherWeightsError: It was prepared with other weights.
    """
    row = Row(family, ENGINE, "torch")
    built = build(family)
    samples, expected = files.samples(), files.results()
    _check_weights(files.folder, built, samples[CALIBRATION], expected[0])
    try:
        floats, integers = _convert(row, built, samples[:CALIBRATION])
    except Exception as error:  # noqa: BLE001  (a family that fails is a row)
        row.error = f"{type(error).__name__}: {first_line(error)}"
        return row
    row.peak_rss_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MB)
    (files.folder / f"{ENGINE}-float.tflite").write_bytes(floats)
    if integers:
        (files.folder / f"{ENGINE}-int8.tflite").write_bytes(integers)
    samples = samples[CALIBRATION:]
    row.float_sqnr_db = _worst(floats, samples, expected, "BUILTIN_WITHOUT_DEFAULT_DELEGATES")
    if integers:
        _look_at(row, integers)
        _run(row, integers, samples, expected)
    return row


def _check_weights(folder: Path, built: Any, sample: Arrays, expected: Arrays) -> None:
    """Make sure that this environment's torch draws the weights that the other's did."""
    import torch

    with torch.no_grad():
        given = built.module(*(torch.from_numpy(array) for array in sample))
    given = given if isinstance(given, tuple | list) else (given,)
    least = min(_sqnr_db([a], [b.numpy()]) for a, b in zip(expected, given, strict=True))
    if least < _SAME_DB:
        raise OtherWeightsError(folder, least, torch.__version__)


def _convert(row: Row, built: Any, samples: list[Arrays]) -> tuple[bytes, bytes]:
    start = used_seconds()
    import litert_torch
    from litert_quantizer import quantizer, recipe

    with contextlib.redirect_stdout(io.StringIO()):
        floats = litert_torch.convert(built.module, built.inputs).model_content()
        try:
            quantizing = quantizer.Quantizer(floats, recipe.static_wi8_ai8())
            ranges = quantizing.calibrate(_calibration(floats, samples), num_threads=1)
            integers = bytes(
                quantizing.quantize(ranges, enable_progress_report=False).quantized_model
            )
        except Exception as error:  # noqa: BLE001  (the float model is measured all the same)
            integers, row.error = b"", f"{type(error).__name__}: {first_line(error)}"
    row.seconds = round(used_seconds() - start, 2)
    return bytes(floats), integers


def _look_at(row: Row, integers: bytes) -> None:
    """Count the operators, the transposes, and what computes with floats."""
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(integers))
    graph = model.subgraphs[0]
    kinds = [
        flatbuffer_utils.opcode_to_name(model, item.opcodeIndex).upper() for item in graph.operators
    ]
    floats = collections.Counter(
        kind
        for kind, item in zip(kinds, graph.operators, strict=True)
        if kind not in _CASTS
        and any(
            graph.tensors[place].type == schema.TensorType.FLOAT32
            for place in (*item.inputs, *item.outputs)
            if place >= 0
        )
    )
    row.operators, row.transposes = len(kinds), kinds.count("TRANSPOSE")
    row.model_mb = round(len(integers) / _MB, 3)
    row.violations = floats.total()
    row.islands = [f"{count} {kind} in float" for kind, count in floats.most_common()]


def _run(row: Row, integers: bytes, samples: list[Arrays], expected: list[Arrays]) -> None:
    for kernels, column in (
        ("AUTO", "int8_sqnr_db"),
        ("BUILTIN_WITHOUT_DEFAULT_DELEGATES", "builtin_sqnr_db"),
        ("BUILTIN_REF", "reference_sqnr_db"),
    ):
        try:
            setattr(row, column, _worst(integers, samples, expected, kernels))
        except Exception as error:  # noqa: BLE001  (what does not run is told in the row)
            row.error += f"{kernels} kernels: {first_line(error)} "


def _worst(tflite: bytes, samples: list[Arrays], expected: list[Arrays], kernels: str) -> float:
    """Return the SQNR of the output that is furthest from torch's, in dB."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    resolver = OpResolverType[kernels]
    runner = Interpreter(model_content=tflite, experimental_op_resolver_type=resolver)
    called = runner.get_signature_runner(next(iter(runner.get_signature_list())))
    takes, gives = called.get_input_details(), called.get_output_details()
    columns: list[Arrays] = []
    for sample in samples:
        named = _named(sample)
        given = called(**{name: _stored(named[name], takes[name]) for name in takes})
        columns.append(
            [_real(given[f"output_{at}"], gives[f"output_{at}"]) for at in range(len(gives))]
        )
    pairs = zip(zip(*expected, strict=True), zip(*columns, strict=True), strict=True)
    least = min(_sqnr_db(wanted, got) for wanted, got in pairs)
    return EQUAL_DB if math.isinf(least) else round(least, 2)


def _sqnr_db(expected: Any, actual: Any) -> float:
    """Return ``10 log10(sum x^2 / sum (x - y)^2)`` over all samples of an output."""
    first, second = np.stack(expected).astype(np.float64), np.stack(actual).astype(np.float64)
    signal, noise = float((first**2).sum()), float(((first - second) ** 2).sum())
    if noise == 0.0:
        return math.inf
    return _LOWEST_DB if signal == 0.0 else 10.0 * math.log10(signal / noise)


def _calibration(floats: Any, samples: list[Arrays]) -> dict[str, list[dict[str, Any]]]:
    """Return the samples as the float model's signature takes them: token ids as int32."""
    from ai_edge_litert.interpreter import Interpreter

    model = Interpreter(model_content=bytes(floats))
    name = next(iter(model.get_signature_list()))
    takes = model.get_signature_runner(name).get_input_details()
    named = [_named(sample) for sample in samples]
    return {name: [{at: _stored(one[at], takes[at]) for at in takes} for one in named]}


def _named(sample: Arrays) -> dict[str, npt.NDArray[Any]]:
    return {f"args_{place}": array for place, array in enumerate(sample)}


def _stored(array: npt.NDArray[Any], tensor: dict[str, Any]) -> npt.NDArray[Any]:
    scale, zero = tensor["quantization"]
    kind = np.dtype(tensor["dtype"])
    if scale == 0.0:
        return array.astype(kind)
    limits = np.iinfo(kind)
    steps = np.round(array / np.float64(scale)) + zero
    return np.clip(steps, limits.min, limits.max).astype(kind)


def _real(array: npt.NDArray[Any], tensor: dict[str, Any]) -> npt.NDArray[Any]:
    scale, zero = tensor["quantization"]
    return array if scale == 0.0 else (array.astype(np.float64) - zero) * scale
