"""The engine made of onnx2tf and TensorFlow's converter, each in a child process."""

import importlib.metadata
import importlib.util
import json
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from edgekit.bundle.manifest import Scheme
from edgekit.converters.cache import Cache
from edgekit.converters.calibration import NoSamplesError
from edgekit.converters.engines.base import (
    EngineError,
    Interface,
    LoweredModel,
    QuantizationRequest,
)
from edgekit.converters.engines.converter_errors import explain
from edgekit.converters.engines.lowering_proof import prove_lowering
from edgekit.converters.engines.worker_process import StepFailedError, WorkerProcess
from edgekit.converters.graph import MalformedModelError, with_interface
from edgekit.converters.layout import CHANNELS_LAST_AXES, channels_last_inputs
from edgekit.converters.request import CalibrationMethod
from edgekit.converters.sources.base import Sample, SourceFormat, SourceModel
from edgekit.errors import EdgekitError, MissingDependencyError, WriteError

__all__ = ["Onnx2tfEngine"]

_LOWERING = "edgekit.converters.engines.onnx2tf_worker"
_QUANTIZER = "edgekit.converters.engines.tensorflow_quantizer"
_ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "ORT_DISABLE_TELEMETRY": "1",
}
_PACKAGES = ("onnx2tf", "tensorflow", "onnxsim")
_NEEDED = (*_PACKAGES, "tf_keras", "onnx_graphsurgeon", "sng4onnx", "psutil")
_FORMAT = 3  # of what is cached; to be raised when lowering itself changes


class Onnx2tfEngine:
    """Lowers with onnx2tf and quantizes with TensorFlow's post-training quantizer.

    Args:
        cache: Where lowered models are kept.
        log: File for everything that the two packages print.
    """

    name = "onnx2tf"

    def __init__(self, cache: Cache, log: Path) -> None:
        self._cache = cache
        self._log = log
        self._scratch: Path | None = None
        self._quantizer: WorkerProcess | None = None

    @property
    def version(self) -> str:
        """Versions of onnx2tf, TensorFlow and onnxsim."""
        return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)

    def __enter__(self) -> Self:
        """Start the quantizing child; it loads TensorFlow while the caller goes on."""
        for package in _NEEDED:
            if importlib.util.find_spec(package) is None:
                raise MissingDependencyError(
                    package, extra="tensorflow", purpose="the onnx2tf engine"
                )
        try:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            self._scratch = Path(tempfile.mkdtemp(prefix="edgekit-"))
            self._quantizer = self._start(_QUANTIZER, self._scratch)
        except OSError as error:
            self.__exit__()
            raise WriteError(error.filename or self._log, error) from error
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        """End the child and remove its scratch folder."""
        if self._quantizer is not None:
            self._quantizer.close()
            self._quantizer = None
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def lower(self, source: SourceModel) -> LoweredModel:
        """Make the float TFLite model, or take it from the cache.

        Raises:
            EngineError: onnx2tf cannot lower the model, or its result differs from the source.
            EdgekitError: The source is not ONNX, or has trained grids, which TensorFlow's
                quantizer would replace by its own.
        """
        if source.trained:
            raise EdgekitError(
                f"the {self.name} engine calibrates every tensor anew, and the model has "
                f"{len(source.trained)} trained scales",
                hint="pass --engine edgekit, which keeps them",
            )
        if source.format is not SourceFormat.ONNX:
            raise EdgekitError(
                f"the {self.name} engine takes no {source.format} model",
                hint="pass --engine edgekit",
            )
        key = self._cache.key(
            {
                "engine": self.version,
                "format": _FORMAT,
                "onnx": source.sha256,
                "reference": source.reference.name,
            }
        )
        entry = self._cache.find(key)
        if entry is not None:
            return _load(entry, from_cache=True)
        with self._cache.store(key) as directory:
            self._lower_into(directory, source)
        found = self._cache.find(key)
        if found is None:
            raise _vanished(self._cache.folder / key)
        return _load(found, from_cache=False)

    def _lower_into(self, directory: Path, source: SourceModel) -> None:
        import onnx

        _, scratch = self._open()
        model = onnx.load_from_string(source.content)
        moved = channels_last_inputs(model)
        path = scratch / "model.onnx"
        path.write_bytes(source.content)
        try:
            with closing(self._start(_LOWERING, scratch)) as worker:
                reply = worker.call(
                    "lower",
                    onnx=str(path),
                    directory=str(directory),
                    keep_axes=[item.name for item in source.inputs if item.name not in moved],
                )
        except StepFailedError as error:
            raise explain(error, _nodes(model), self._log) from error
        inputs = tuple(
            Interface(
                item.name,
                CHANNELS_LAST_AXES[len(item.shape)]
                if item.name in moved
                else tuple(range(len(item.shape))),
            )
            for item in source.inputs
        )
        names = self._names(reply, source)
        raw = (directory / "float.tflite").read_bytes()
        try:
            tflite = with_interface(raw, names["inputs"], names["outputs"])
        except MalformedModelError as error:
            raise EngineError(
                f"lowering changed the interface: {error.reason}",
                log=self._log,
                hint="take outputs that are an unchanged input, or stand twice, out of the source",
            ) from error
        outputs, origins = prove_lowering(source, model, tflite, inputs, self._log)
        (directory / "float.tflite").write_bytes(tflite)
        description = {
            "frozen": reply,
            "inputs": [[item.name, item.axes] for item in inputs],
            "outputs": [[item.name, item.axes] for item in outputs],
            "origins": origins,
            "nodes": _nodes(model),
        }
        (directory / "lowered.json").write_text(json.dumps(description))

    def _names(self, reply: dict[str, Any], source: SourceModel) -> dict[str, Any]:
        """Pair the frozen graph's interface with the source's, both in the same order."""
        pairs = {}
        for kind, wanted in (("inputs", source.inputs), ("outputs", source.outputs)):
            given = [name.removesuffix(":0") for name in reply[kind]]
            if len(given) != len(wanted):
                raise EngineError(
                    f"onnx2tf kept {len(given)} of {len(wanted)} {kind}",
                    log=self._log,
                    hint=f"remove {kind} that compute nothing from the source",
                )
            pairs[kind] = list(zip(given, (item.name for item in wanted), strict=True))
        return pairs

    def quantize(
        self, lowered: LoweredModel, request: QuantizationRequest, samples: Iterable[Sample]
    ) -> bytes:
        """Make the model asked for with TensorFlow's converter.

        Raises:
            EdgekitError: The calibration method is one that only the edgekit engine has.
            EngineError: The converter refuses the model.
        """
        if request.scheme is Scheme.FLOAT32:
            return lowered.tflite
        if request.calibration_method is not CalibrationMethod.MIN_MAX:
            raise EdgekitError(
                f"the {self.name} engine has no --calibration-method {request.calibration_method}",
                hint="pass --engine edgekit, or --calibration-method min-max",
            )
        quantizer, scratch = self._open()
        try:
            description = json.loads((lowered.directory / "lowered.json").read_text())
        except OSError as error:
            raise _vanished(lowered.directory) from error
        frozen = description["frozen"]
        data, result = scratch / "calibration.npz", scratch / "result.tflite"
        if request.scheme in (Scheme.INT8, Scheme.INT16X8):
            stacked = _stack(samples, lowered.inputs)
            try:
                np.savez(data, *stacked)
            except OSError as error:
                raise WriteError(data, error) from error
        try:
            quantizer.call(
                "quantize",
                frozen=str(lowered.directory / "frozen.pb"),
                inputs=frozen["inputs"],
                outputs=frozen["outputs"],
                samples=str(data),
                result=str(result),
                scheme=request.scheme,
                io=request.io,
                per_channel_dense=request.per_channel_dense,
                float_islands=request.float_islands,
            )
        except StepFailedError as error:
            raise explain(error, description["nodes"], self._log) from error
        return with_interface(
            result.read_bytes(),
            _pairs(frozen["inputs"], lowered.inputs),
            _pairs(frozen["outputs"], lowered.outputs),
        )

    def _open(self) -> tuple[WorkerProcess, Path]:
        if self._quantizer is None or self._scratch is None:
            raise EdgekitError(
                "the engine is not open", hint="use it as: with Onnx2tfEngine(...) as engine:"
            )
        return self._quantizer, self._scratch

    def _start(self, module: str, scratch: Path) -> WorkerProcess:
        return WorkerProcess(module, folder=scratch, log=self._log, environment=_ENVIRONMENT)


def _vanished(entry: Path) -> EdgekitError:
    return EdgekitError(
        f"the cache entry {entry.name[:12]} vanished while it was in use",
        hint="build again; do not clear the cache during a build",
    )


def _pairs(frozen: Sequence[str], interface: Sequence[Interface]) -> list[tuple[str, str]]:
    names = (name.removesuffix(":0") for name in frozen)
    return [(name, item.name) for name, item in zip(names, interface, strict=True)]


def _nodes(model: Any) -> list[tuple[str, str]]:
    return [(node.op_type, node.name or node.output[0]) for node in model.graph.node]


def _stack(samples: Iterable[Sample], inputs: Sequence[Interface]) -> list[npt.NDArray[Any]]:
    """Return the samples as one array an input, in the model's axes.

    Raises:
        NoSamplesError: There are none.
    """
    columns: list[list[npt.NDArray[Any]]] = [[] for _ in inputs]
    for sample in samples:
        for column, item in zip(columns, inputs, strict=True):
            column.append(np.transpose(sample[item.name], item.axes))
    if not columns[0]:
        raise NoSamplesError
    return [np.stack(column) for column in columns]


def _load(entry: Path, *, from_cache: bool) -> LoweredModel:
    description = json.loads((entry / "lowered.json").read_text())
    return LoweredModel(
        tflite=(entry / "float.tflite").read_bytes(),
        inputs=tuple(Interface(name, tuple(axes)) for name, axes in description["inputs"]),
        outputs=tuple(Interface(name, tuple(axes)) for name, axes in description["outputs"]),
        origins=description["origins"],
        directory=entry,
        from_cache=from_cache,
    )
