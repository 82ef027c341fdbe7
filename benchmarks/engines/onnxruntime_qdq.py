"""onnxruntime on the source with QuantizeLinear and DequantizeLinear, given or made here."""

import tempfile
from pathlib import Path
from typing import Any

from edgekit.benchmarks.engines.case import EngineCase
from edgekit.benchmarks.engines.engine import Form
from edgekit.benchmarks.engines.errors import EngineUnavailableError
from edgekit.benchmarks.engines.onnxruntime_session import OnnxruntimeSession, import_onnxruntime

__all__ = ["OnnxruntimeQdq"]


class OnnxruntimeQdq:
    """The source's ONNX model, quantized to int8, on the CPU.

    Where no quantized model is given, onnxruntime's own static quantization makes one with its
    defaults (QDQ, int8 activations and weights) and a scale for each channel of the weights;
    it calibrates on the samples that are run.
    """

    name = "onnxruntime-qdq"

    def __init__(self) -> None:
        # To load the same case anew does not take quantizing anew.
        self._case: EngineCase | None = None
        self._made = b""

    def prepare(self, case: EngineCase) -> OnnxruntimeSession:
        """Quantize the model where that is needed, and load it.

        Raises:
            EngineUnavailableError: onnxruntime or onnx is not installed, or there is no source.
        """
        import_onnxruntime(self.name)
        if case.onnx_qdq is not None:
            how = "QDQ as given, CPU provider"
            return OnnxruntimeSession(self.name, case, case.onnx_qdq, Form.QUANTIZED, how)
        if case.onnx is None:
            raise EngineUnavailableError(
                self.name,
                "it runs the source, which was not given",
                hint="pass --source MODEL.onnx (or a .py or .pt2), or --qdq MODEL.onnx",
            )
        count = len(case.samples)
        how = f"QDQ int8 by onnxruntime, calibrated on {count} sample{'s' * (count > 1)}"
        if self._case is not case:
            self._made, self._case = _quantized(case), case
        return OnnxruntimeSession(self.name, case, self._made, Form.QUANTIZED, how)


def _quantized(case: EngineCase) -> bytes:
    try:
        from onnxruntime.quantization import QuantFormat, quantize_static
        from onnxruntime.quantization.shape_inference import quant_pre_process
    except ModuleNotFoundError as error:
        raise EngineUnavailableError(
            OnnxruntimeQdq.name,
            f"quantizing needs {error.name}, which is not installed",
            hint="pip install 'edgekit[convert]', or pass --qdq MODEL.onnx",
        ) from error
    with tempfile.TemporaryDirectory(prefix="edgekit-") as folder:
        source, clean, made = (Path(folder) / f"{name}.onnx" for name in ("a", "b", "c"))
        source.write_bytes(case.onnx or b"")
        # Sizes are fixed already, and symbolic inference would need sympy.
        quant_pre_process(source, clean, skip_symbolic_shape=True)
        quantize_static(clean, made, _Samples(case), quant_format=QuantFormat.QDQ, per_channel=True)
        return made.read_bytes()


class _Samples:
    """Hands out the samples one by one, as onnxruntime's ``CalibrationDataReader`` does."""

    def __init__(self, case: EngineCase) -> None:
        self._rest = iter(case.source_samples())

    def get_next(self) -> Any:
        return next(self._rest, None)
