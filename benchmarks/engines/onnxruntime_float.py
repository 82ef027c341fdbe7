"""onnxruntime on the source as it is, in floating point."""

from edgekit.benchmarks.engines.case import EngineCase
from edgekit.benchmarks.engines.engine import Form
from edgekit.benchmarks.engines.errors import EngineUnavailableError
from edgekit.benchmarks.engines.onnxruntime_session import OnnxruntimeSession

__all__ = ["OnnxruntimeFloat"]


class OnnxruntimeFloat:
    """The source's ONNX model on the CPU."""

    name = "onnxruntime"

    def prepare(self, case: EngineCase) -> OnnxruntimeSession:
        """Load the model.

        Raises:
            EngineUnavailableError: onnxruntime is not installed, or there is no source.
        """
        if case.onnx is None:
            raise EngineUnavailableError(
                self.name,
                "it runs the source, which was not given",
                hint="pass --source MODEL.onnx (or a .py or .pt2)",
            )
        return OnnxruntimeSession(self.name, case, case.onnx, Form.FLOAT, "float, CPU provider")
