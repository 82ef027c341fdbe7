"""Prove that a graph that was taken over still computes what its file computes."""

from collections.abc import Sequence
from pathlib import Path

from edgekit.converters.engines.base import EngineError
from edgekit.converters.engines.lowering_proof import PROBES, TOLERANCE, probe_source
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.layout import values_agree
from edgekit.converters.parity.metrics import sqnr_db
from edgekit.converters.sources.base import SourceModel

__all__ = ["prove_graph"]


def prove_graph(
    source: SourceModel,
    tflite: bytes,
    inputs: Sequence[Interface],
    outputs: Sequence[Interface],
    log: Path,
) -> None:
    """Run source and graph on generic samples and compare every output, axis by axis.

    Args:
        source: A source whose axes the graph has.
        tflite: The graph as a file.
        inputs: Of the graph.
        outputs: Of the graph.
        log: Named in errors.

    Raises:
        EngineError: An output differs, or the source gives nothing to compare.
    """
    runner = TfliteRunner(tflite, inputs, outputs)
    samples, expected = probe_source(source, PROBES, log)
    for sample, wanted in zip(samples, expected, strict=True):
        given = runner.run(sample)
        for name, values in wanted.items():
            if given[name].shape != values.shape:
                difference = f"shape {given[name].shape} instead of {values.shape}"
            elif values_agree(values, given[name], TOLERANCE):
                continue
            else:
                difference = f"{sqnr_db(values, given[name]):.1f} dB SQNR"
            raise EngineError(
                f"cleaning changed the model: output '{name}' differs from the source "
                f"({difference})",
                log=log,
                hint="the operators of the cleaned graph",
            )
