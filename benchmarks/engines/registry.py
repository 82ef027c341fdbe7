"""The engines that there are: edgekit's own, and those that other packages add."""

from importlib.metadata import entry_points

from edgekit.benchmarks.engines.engine import InferenceEngine
from edgekit.benchmarks.engines.errors import EngineFailedError
from edgekit.benchmarks.engines.onnxruntime_float import OnnxruntimeFloat
from edgekit.benchmarks.engines.onnxruntime_qdq import OnnxruntimeQdq
from edgekit.benchmarks.engines.tflite import TfliteEngine
from edgekit.benchmarks.engines.tflm import Tflm
from edgekit.benchmarks.engines.torch_eager import TorchEager
from edgekit.benchmarks.engines.torch_export import TorchExport
from edgekit.benchmarks.engines.torchscript import TorchScript
from edgekit.errors import UnknownNameError
from edgekit.runtime import Kernels

__all__ = ["ENTRY_POINT_GROUP", "engine_names", "open_engine"]

ENTRY_POINT_GROUP = "edgekit.inference_engines"

# In the order of the table; the first is what edgekit.runtime runs, and what others are held
# against.
_BUILT_IN: tuple[InferenceEngine, ...] = (
    TfliteEngine("litert", "ai-edge-litert"),
    TfliteEngine("litert-builtin", "ai-edge-litert", Kernels.BUILTIN),
    TfliteEngine("litert-reference", "ai-edge-litert", Kernels.REFERENCE),
    TfliteEngine("tflite-runtime", "tflite-runtime"),
    TfliteEngine("tf.lite", "tensorflow"),
    Tflm(),
    OnnxruntimeFloat(),
    OnnxruntimeQdq(),
    TorchEager(),
    TorchScript(),
    TorchExport(),
)


def engine_names() -> tuple[str, ...]:
    """Return the names of all engines in the order of the table, those of other packages last."""
    own = [engine.name for engine in _BUILT_IN]
    others = sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)} - {*own})
    return (*own, *others)


def open_engine(name: str) -> InferenceEngine:
    """Return an engine by its name; edgekit's own cannot be replaced.

    Raises:
        UnknownNameError: There is none of that name.
        EngineFailedError: Its entry point cannot be loaded, or is no engine.
    """
    for engine in _BUILT_IN:
        if engine.name == name:
            return engine
    found = tuple(entry_points(group=ENTRY_POINT_GROUP, name=name))
    if not found:
        raise UnknownNameError("engine", name, engine_names())
    point = found[0]
    try:
        engine = point.load()()
    except Exception as error:
        raise EngineFailedError(
            name,
            f"its entry point '{point.value}' cannot be loaded: {error}",
            hint="reinstall or remove the package that declares it",
        ) from error
    if not isinstance(engine, InferenceEngine):
        raise EngineFailedError(
            name,
            f"its entry point '{point.value}' gives a {type(engine).__name__}, which is no engine",
            hint="it needs the members of edgekit.benchmarks.engines.InferenceEngine",
        )
    return engine
