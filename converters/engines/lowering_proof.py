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
from edgekit.converters.origins import find_origins, origin_of
from edgekit.converters.parity.metrics import sqnr_db
from edgekit.converters.sources.base import SourceModel, probe_sample
from edgekit.converters.sources.onnx_reference import OnnxReference

__all__ = ["prove_lowering"]

_TOLERANCE = 1e-3  # of the largest magnitude: far above float32 rounding, far below a mistake
_SEEDS = (0, 1)


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
        EngineError: An output differs, naming the first node that went wrong, or its axes
            cannot be told apart.
    """
    named = [Interface(item.name, ()) for item in source.outputs]
    runner = TfliteRunner(tflite, inputs, named, keep_inner=True)
    samples = [probe_sample(source.inputs, seed) for seed in _SEEDS]
    lowered = [runner.run(sample) for sample in samples]
    main = read_graph(tflite).main
    written = {t.name: t.index for op in main.operators for t in main.outputs_of(op)}
    origins = find_origins(
        model,
        OnnxReference(source.onnx).run_with_inner_tensors(samples[-1]),
        runner.inner_tensors(written),
    )
    expected = [source.reference.run(sample) for sample in samples]
    outputs = []
    for item in source.outputs:
        ours = [values[item.name] for values in lowered]
        theirs = [values[item.name] for values in expected]
        orders = matching_axes(theirs, ours, tolerance=_TOLERANCE)
        if not orders:
            raise _wrong(item.name, theirs, ours, main, origins, log)
        if len(orders) > 1:
            raise EngineError(
                f"the axes of output '{item.name}' cannot be told apart: its values are the "
                "same in several orders",
                log=log,
                hint="does the model compute anything there?",
            )
        outputs.append(Interface(item.name, orders[0]))
    return tuple(outputs), origins


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
    else:
        difference = f"shape {actual[0].shape} instead of {expected[0].shape}"
    lost = [
        f"{op.kind} '{tensor.name}' (towards {origin_of(main, op, origins)})"
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
