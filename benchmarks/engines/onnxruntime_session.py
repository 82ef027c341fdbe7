"""An ONNX model in onnxruntime, as the float and the quantized engine run it."""

from typing import Any

from numpy.typing import NDArray

from edgekit.benchmarks.engines.case import EngineCase
from edgekit.benchmarks.engines.engine import EngineDescription, Form
from edgekit.benchmarks.engines.errors import EngineUnavailableError

__all__ = ["OnnxruntimeSession", "import_onnxruntime"]

_PROVIDER = "CPUExecutionProvider"


def import_onnxruntime(engine: str) -> Any:
    """Return the onnxruntime package.

    Raises:
        EngineUnavailableError: It is not installed.
    """
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise EngineUnavailableError(
            engine, "onnxruntime is not installed", hint="pip install 'edgekit[convert]'"
        ) from error
    # Its own notes on what it optimizes are no errors of ours.
    onnxruntime.set_default_logger_severity(3)
    return onnxruntime


class OnnxruntimeSession:
    """A loaded model; see `edgekit.benchmarks.engines.engine.EngineSession`."""

    def __init__(self, engine: str, case: EngineCase, content: bytes, form: Form, how: str) -> None:
        onnxruntime = import_onnxruntime(engine)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = case.threads
        options.inter_op_num_threads = 1
        # Threads that spin while they wait would slow whichever engine runs meanwhile.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(content, options, providers=[_PROVIDER])
        self._names = [spec.name for spec in case.outputs]
        _check_names(engine, "input", self._session.get_inputs(), case.inputs)
        _check_names(engine, "output", self._session.get_outputs(), case.outputs)
        self._samples = [dict(sample) for sample in case.source_samples()]
        self._values: list[Any] = []
        self.description = EngineDescription("onnxruntime", onnxruntime.__version__, form, how)

    def run(self, sample: int) -> None:
        """Run the session on a sample's arrays."""
        self._values = self._session.run(self._names, self._samples[sample])

    def outputs(self) -> dict[str, NDArray[Any]]:
        """Return the outputs of the last run."""
        return dict(zip(self._names, self._values, strict=True))


def _check_names(engine: str, kind: str, found: Any, wanted: Any) -> None:
    names = {value.name for value in found}
    for spec in wanted:
        if spec.name not in names:
            raise EngineUnavailableError(
                engine,
                f"the ONNX model has no {kind} '{spec.name}', it has {', '.join(sorted(names))}",
                hint="give the source that the bundle was built from",
            )
