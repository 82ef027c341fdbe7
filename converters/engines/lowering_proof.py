"""Prove that a lowered model computes what its source computes, and learn its output axes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.engines.base import EngineError, Interface
from edgekit.converters.graph import Subgraph, read_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.layout import matching_axes
from edgekit.converters.origins import find_origins, origin_before
from edgekit.converters.parity.metrics import sqnr_db
from edgekit.converters.sources.base import Sample, SourceModel, probe_sample
from edgekit.converters.sources.onnx_reference import OnnxReference

__all__ = ["PROBES", "TOLERANCE", "probe_source", "prove_lowering"]

TOLERANCE = 1e-3  # of the largest magnitude: far above float32 rounding, far below a mistake
PROBES = 2
_MORE_PROBES = 8  # where two do not tell the axes apart

Values = list[dict[str, npt.NDArray[Any]]]


def prove_lowering(
    source: SourceModel,
    model: Any,
    tflite: bytes,
    inputs: Sequence[Interface],
    log: Path,
) -> tuple[tuple[Interface, ...], dict[str, str]]:
    """Run source and lowered model on generic samples and compare every output.

    The axes of an output are those under which its values are the source's, not a guess from
    its shape.

    Args:
        source: The source.
        model: Its ``onnx.ModelProto``.
        tflite: The lowered model, with the source's interface names.
        inputs: Axes of its inputs.
        log: Named in errors.

    Returns:
        The outputs with their axes, and the origins of the lowered tensors.

    Raises:
        EngineError: An output differs, naming the first operators that went wrong and the nodes
            before them; its axes cannot be told apart; or the source gives nothing to compare.
    """
    named = [Interface(item.name, ()) for item in source.outputs]
    runner = TfliteRunner(tflite, inputs, named, keep_inner=True)
    samples, expected = probe_source(source, PROBES, log)
    lowered = [runner.run(sample) for sample in samples]
    main = read_graph(tflite).main
    written = {t.name: t.index for op in main.operators for t in main.outputs_of(op)}
    origins = find_origins(
        model,
        OnnxReference(source.content).run_with_inner_tensors(samples[-1]),
        runner.inner_tensors(written),
    )
    outputs = []
    for name in (item.name for item in source.outputs):
        orders = _orders(name, expected, lowered)
        if not orders:
            raise _wrong(name, _of(name, expected), _of(name, lowered), main, origins, log)
        if len(orders) > 1:
            samples, expected = probe_source(source, _MORE_PROBES, log)
            lowered = [runner.run(sample) for sample in samples]
            orders = _orders(name, expected, lowered)
        if len(orders) > 1 and all(_is_constant(value) for value in _of(name, expected)):
            raise EngineError(
                f"the axes of output '{name}' cannot be told apart: it has the same value "
                "everywhere",
                log=log,
                hint="does the model compute anything there?",
            )
        # An output that is the same under several orders for every input is symmetric.
        outputs.append(Interface(name, orders[0]))
    return tuple(outputs), origins


def probe_source(source: SourceModel, count: int, log: Path) -> tuple[list[Sample], Values]:
    """Return random samples and what the source makes of them, something finite of each.

    Raises:
        EngineError: Random inputs give NaN or infinity everywhere, positive ones too.
    """
    for positive in (False, True):
        samples = [probe_sample(source.inputs, seed, positive=positive) for seed in range(count)]
        expected = [source.truth.run(sample) for sample in samples]
        if not any(_is_undefined(array) for values in expected for array in values.values()):
            return list(samples), expected
    raise EngineError(
        "the lowered model cannot be proved right: the source gives nothing but NaN or infinity "
        "on random inputs, positive ones too",
        log=log,
        hint="does the source need inputs of a certain range, or divide by zero?",
    )


def _of(name: str, values: Values) -> list[npt.NDArray[Any]]:
    return [item[name] for item in values]


def _orders(name: str, expected: Values, lowered: Values) -> list[tuple[int, ...]]:
    return matching_axes(_of(name, expected), _of(name, lowered), tolerance=TOLERANCE)


def _is_constant(value: npt.NDArray[Any]) -> bool:
    return value.size == 0 or bool(np.all(value == value.flat[0]))


def _is_undefined(value: npt.NDArray[Any]) -> bool:
    return value.size > 0 and not np.isfinite(value).any()


def _wrong(
    name: str,
    expected: Sequence[npt.NDArray[Any]],
    actual: Sequence[npt.NDArray[Any]],
    main: Subgraph,
    origins: dict[str, str],
    log: Path,
) -> EngineError:
    if expected[0].size == actual[0].size:
        figure = sqnr_db(np.sort(expected[0], axis=None), np.sort(actual[0], axis=None))
        difference = f"{figure:.1f} dB SQNR even with its values sorted"
        if not all(np.isfinite(values).all() for values in expected):
            difference += "; on these random inputs the source gives NaN or infinity in places"
    else:
        difference = f"shape {actual[0].shape} instead of {expected[0].shape}"
    lost = [
        f"{op.kind} '{tensor.name}', after {origin_before(main, op, origins) or 'the inputs'}"
        for op in main.operators
        for tensor in main.outputs_of(op)
        if tensor.name not in origins and tensor.dtype.is_float
    ]
    return EngineError(
        f"lowering changed the model: output '{name}' differs from the source ({difference})",
        log=log,
        details=tuple(f"matches nothing in the source: {line}" for line in lost[:5]),
        hint="this engine lowers one of these operators wrongly",
    )
