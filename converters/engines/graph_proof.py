"""Prove that a lowered graph, whose axes are known, computes what its source computes."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.engines.base import EngineError, LoweredModel
from edgekit.converters.engines.lowering_proof import PROBES, TOLERANCE, probe_source
from edgekit.converters.graph import read_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.layout import values_agree
from edgekit.converters.parity.metrics import sqnr_db
from edgekit.converters.sources.base import Sample, SourceModel
from edgekit.converters.sources.inner_tensors import open_inner_tensors

__all__ = ["prove_graph"]

_NAMED = 5


def prove_graph(source: SourceModel, lowered: LoweredModel, log: Path) -> None:
    """Run source and lowered model on generic samples and compare every output, axis by axis.

    Args:
        source: The source.
        lowered: What was made of it.
        log: Named in errors.

    Raises:
        EngineError: An output differs, naming the first operators whose values do; or the source
            gives nothing to compare.
    """
    runner = TfliteRunner(lowered.tflite, lowered.inputs, lowered.outputs)
    samples, expected = probe_source(source, PROBES, log)
    for sample, wanted in zip(samples, expected, strict=True):
        given = runner.run(sample)
        for item in lowered.outputs:
            values = np.transpose(wanted[item.name], item.axes)
            difference = _difference(values, given[item.name])
            if difference:
                raise EngineError(
                    f"lowering changed the model: output '{item.name}' differs from the source "
                    f"({difference})",
                    log=log,
                    details=_first_wrong(source, lowered, sample),
                    hint="this engine lowers one of these operators wrongly",
                )


def _difference(expected: npt.NDArray[Any], actual: npt.NDArray[Any]) -> str:
    """Say how two tensors differ, nothing where they agree."""
    if actual.shape != expected.shape:
        return f"shape {actual.shape} instead of {expected.shape}"
    if values_agree(expected, actual, TOLERANCE):
        return ""
    text = f"{sqnr_db(expected, actual):.1f} dB SQNR"
    if expected.dtype.kind == "f" and not np.isfinite(expected).all():
        text += "; on this random input the source gives NaN or infinity in places"
    return text


def _first_wrong(source: SourceModel, lowered: LoweredModel, sample: Sample) -> tuple[str, ...]:
    """Name the first operators whose outputs are not those of the source."""
    names = {link.name for link in lowered.links.values()}
    wanted = {**sample, **open_inner_tensors(source, names).run(sample)}
    main = read_graph(lowered.tflite).main
    runner = TfliteRunner(lowered.tflite, lowered.inputs, lowered.outputs, keep_inner=True)
    runner.run(sample)
    found = []
    for operator in main.operators:
        for tensor in main.outputs_of(operator):
            link = lowered.links.get(tensor.name)
            if link is None or link.axes is None or link.name not in wanted:
                continue
            values = link.arrange(wanted[link.name], tensor.shape)
            given = runner.inner_tensors({tensor.name: tensor.index})
            difference = tensor.name in given and _difference(values, given[tensor.name])
            if difference:
                origin = lowered.origins.get(tensor.name, "the source")
                found.append(f"{operator.kind} '{tensor.name}' from {origin}: {difference}")
    return tuple(found[:_NAMED])
