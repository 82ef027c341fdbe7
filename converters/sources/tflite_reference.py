"""Run a float TFLite model with LiteRT's built-in kernels, as the reference of a TFLite source."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy.typing as npt

from edgekit.converters.graph import read_graph
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.sources.base import Sample, SourceTensor

__all__ = ["TfliteInnerTensors", "TfliteReference"]


class TfliteReference:
    """LiteRT on the CPU: its built-in kernels, no delegate.

    Args:
        content: The model, with fixed input shapes.
        inputs: Its inputs.
        outputs: Names of its outputs.

    Raises:
        InterpreterError: LiteRT cannot load the model.
    """

    name = "LiteRT"

    def __init__(
        self, content: bytes, inputs: Sequence[SourceTensor], outputs: Iterable[str]
    ) -> None:
        self._content = content
        self._interface = (
            [Interface(item.name, tuple(range(len(item.shape)))) for item in inputs],
            [Interface(name, ()) for name in outputs],
        )
        self._runner = TfliteRunner(content, *self._interface)

    def run(self, sample: Sample) -> dict[str, npt.NDArray[Any]]:
        """Return every output by name for one sample."""
        return self._runner.run(sample)

    def run_with_inner_tensors(
        self, sample: Sample, indices: Iterable[int]
    ) -> dict[int, npt.NDArray[Any]]:
        """Return tensors of the main subgraph by index, for one sample; constants too.

        A tensor that nothing has given a value is left out.
        """
        runner = TfliteRunner(self._content, *self._interface, keep_inner=True)
        runner.run(sample)
        names = {str(index): index for index in indices}
        return {int(name): values for name, values in runner.inner_tensors(names).items()}


class TfliteInnerTensors:
    """LiteRT on the CPU, giving tensors inside of a TFLite model by name.

    Args:
        content: The model, with fixed input shapes.
        inputs: Its inputs.
        names: Which tensors; one that is not in the model is left out.
    """

    def __init__(
        self, content: bytes, inputs: Sequence[SourceTensor], names: Collection[str]
    ) -> None:
        given = [Interface(item.name, tuple(range(len(item.shape)))) for item in inputs]
        self._runner = TfliteRunner(content, given, [], keep_inner=True)
        main = read_graph(content).main
        self._indices = {item.name: item.index for item in main.tensors if item.name in names}

    def run(self, sample: Sample) -> dict[str, npt.NDArray[Any]]:
        """Return the tensors by name for one sample."""
        self._runner.run(sample)
        return self._runner.inner_tensors(self._indices)
