"""Opens a TFLite interpreter: whichever is installed, with the kernels that were asked for."""

import importlib.metadata
import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any

import numpy as np

from edgekit.errors import MissingDependencyError, UnknownNameError
from edgekit.runtime.errors import InterpreterError

__all__ = ["Backend", "Kernels", "available_backends", "open_interpreter"]

# Package -> the module with `Interpreter` and `OpResolverType`, in order of preference.
_MODULES = {
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "tflite-runtime": "tflite_runtime.interpreter",
    "tensorflow": "tensorflow.lite.python.interpreter",
}


class Kernels(StrEnum):
    """Which implementation of the operators runs; they may differ in the last bits."""

    DEFAULT = "default"  # what the interpreter picks: XNNPACK where it can
    BUILTIN = "builtin"  # its optimized kernels, without the default delegate
    REFERENCE = "reference"  # its plain C++ kernels: slow, the specification

    @property
    def resolver(self) -> str:
        """The name of the member of TFLite's ``OpResolverType``."""
        return {
            Kernels.DEFAULT: "AUTO",
            Kernels.BUILTIN: "BUILTIN_WITHOUT_DEFAULT_DELEGATES",
            Kernels.REFERENCE: "BUILTIN_REF",
        }[self]


@dataclass(frozen=True, slots=True)
class Backend:
    """What runs a model.

    Attributes:
        package: ``ai-edge-litert``, ``tflite-runtime`` or ``tensorflow``.
        version: Version of the package, ``unknown`` where it does not tell.
        kernels: Which operator implementations it was opened with.
        threads: How many threads it may use.
    """

    package: str
    version: str
    kernels: Kernels
    threads: int

    def __str__(self) -> str:
        plural = "" if self.threads == 1 else "s"
        kernels = f"{self.kernels} kernels, {self.threads} thread{plural}"
        return f"{self.package} {self.version}, {kernels}"


def available_backends() -> dict[str, str]:
    """Return the installed interpreters and their versions, the preferred one first.

    Nothing is imported for it.
    """
    return {package: _version(package) for package in _MODULES if _is_installed(package)}


def open_interpreter(
    content: bytes,
    *,
    threads: int = 1,
    kernels: Kernels = Kernels.DEFAULT,
    backend: str | None = None,
    preserve_all_tensors: bool = False,
) -> tuple[Any, Backend]:
    """Load a model into an interpreter and allocate its tensors.

    Args:
        content: A ``.tflite`` flatbuffer.
        threads: How many threads the kernels may use, at least 1.
        kernels: Which operator implementations to run.
        backend: Package that must be used (``-`` or ``_`` in its name); None takes the first
            of ai-edge-litert, tflite-runtime and tensorflow that is installed.
        preserve_all_tensors: Keep the values of inner tensors readable after a run.

    Returns:
        The package's own ``Interpreter``, ready to be invoked, and what it is.

    Raises:
        UnknownNameError: ``backend`` is not one of the three.
        MissingDependencyError: ``backend``, or any of the three, is not installed.
        InterpreterError: ``threads`` is not positive, the package cannot be imported or was
            built for another NumPy, or the interpreter refuses the model.
    """
    package = _choose(backend)
    if threads < 1:
        raise InterpreterError(
            f"cannot use {threads} threads", "at least one is needed", hint="give threads=1 or more"
        )
    chosen = Backend(package, _version(package), kernels, threads)
    try:
        module = import_module(_MODULES[package])
    except ImportError as error:
        raise InterpreterError(
            f"{package} {chosen.version} is installed but cannot be imported",
            str(error),
            hint="reinstall it, or name another interpreter with backend=",
        ) from error
    try:
        interpreter = module.Interpreter(
            model_content=content,
            num_threads=threads,
            experimental_op_resolver_type=module.OpResolverType[kernels.resolver],
            experimental_preserve_all_tensors=preserve_all_tensors,
        )
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError) as error:
        raise InterpreterError(
            f"{chosen} cannot load the model of {len(content)} bytes",
            str(error).strip(),
            hint="the file is damaged, or needs an operator or version that this package lacks",
        ) from error
    except SystemError as error:
        # How tflite-runtime 2.14.0, which is built for NumPy 1, meets NumPy 2.
        raise InterpreterError(
            f"{chosen} cannot work with NumPy {np.__version__}",
            str(error.__cause__ or error),
            hint="install 'numpy<2' for it, or install ai-edge-litert",
        ) from error
    return interpreter, chosen


def _choose(backend: str | None) -> str:
    if backend is not None:
        package = backend.replace("_", "-")
        if package not in _MODULES:
            raise UnknownNameError("backend", backend, _MODULES)
        if not _is_installed(package):
            raise MissingDependencyError(
                package, extra="runtime", purpose=f"running a model with backend='{backend}'"
            )
        return package
    for package in _MODULES:
        if _is_installed(package):
            return package
    raise MissingDependencyError("ai-edge-litert", extra="runtime", purpose="running a model")


def _is_installed(package: str) -> bool:
    spec = importlib.util.find_spec(_MODULES[package].partition(".")[0])
    # A mere folder of that name has no origin.
    return spec is not None and spec.origin is not None


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
