"""Run an ONNX model with onnxruntime, outputs alone or every inner tensor."""

import os
from collections.abc import Collection
from typing import Any

import numpy.typing as npt

from edgekit.converters.sources.base import Sample, SourceError, first_line

__all__ = ["OnnxInnerTensors", "OnnxReference"]


class OnnxReference:
    """onnxruntime on the CPU, as the reference of an ONNX source.

    Args:
        content: A serialized ONNX model.

    Raises:
        SourceError: onnxruntime cannot load or run the model.
    """

    name = "onnxruntime"

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._session = _open(content)
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, sample: Sample) -> dict[str, npt.NDArray[Any]]:
        """Return every output by name for one sample."""
        return _run(self._session, self._outputs, sample)

    def run_with_inner_tensors(self, sample: Sample) -> dict[str, npt.NDArray[Any]]:
        """Return every node's outputs, inner ones too, in the order of computation."""
        return OnnxInnerTensors(self._content).run(sample)


class OnnxInnerTensors:
    """onnxruntime on the CPU, giving tensors inside of an ONNX model.

    Args:
        content: A serialized ONNX model.
        names: Which tensors; all that nodes write when None. One that is not in the model is
            left out.
    """

    def __init__(self, content: bytes, names: Collection[str] | None = None) -> None:
        import onnx

        model = onnx.load_from_string(content)
        written = [name for node in model.graph.node for name in node.output if name]
        wanted = [name for name in written if names is None or name in names]
        known = {output.name for output in model.graph.output}
        model.graph.output.extend(
            onnx.ValueInfoProto(name=name) for name in wanted if name not in known
        )
        self._session = _open(model.SerializeToString())
        produced = {output.name for output in self._session.get_outputs()}
        self._names = [name for name in wanted if name in produced]

    def run(self, sample: Sample) -> dict[str, npt.NDArray[Any]]:
        """Return the tensors by name, in the order of computation, for one sample."""
        return _run(self._session, self._names, sample)


def _run(session: Any, names: list[str], sample: Sample) -> dict[str, npt.NDArray[Any]]:
    if not names:
        return {}  # onnxruntime would take an empty list for all outputs
    try:
        values = session.run(names, dict(sample))
    except Exception as error:
        raise SourceError(
            f"onnxruntime cannot run the model: {first_line(error)}",
            hint="check the model with onnx.checker and onnxruntime by themselves",
        ) from error
    return dict(zip(names, values, strict=True))


def _open(content: bytes) -> Any:
    # Read when it is imported; without it, it writes files of its own and wants the network.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # Fused kernels are not what the graph says; the reference is the graph.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise SourceError(
            f"onnxruntime cannot load the model: {first_line(error)}",
            hint="check the model with onnx.checker and onnxruntime by themselves",
        ) from error
