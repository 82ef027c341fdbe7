"""Open an engine by its name."""

from importlib import import_module
from pathlib import Path

from edgekit.converters.cache import Cache
from edgekit.converters.engines.base import Engine
from edgekit.errors import UnknownNameError

__all__ = ["ENGINE_NAMES", "open_engine"]

# Imported when chosen: neither engine waits for what the other one needs.
_ENGINES = {
    "edgekit": ("edgekit.converters.engines.own_engine", "OwnEngine"),
    "onnx2tf": ("edgekit.converters.engines.onnx2tf_engine", "Onnx2tfEngine"),
}
ENGINE_NAMES = tuple(_ENGINES)


def open_engine(name: str, cache: Cache, log: Path) -> Engine:
    """Return an engine, to be used as a context manager.

    Raises:
        UnknownNameError: There is no engine of that name.
    """
    if name not in _ENGINES:
        raise UnknownNameError("engine", name, _ENGINES)
    module, made = _ENGINES[name]
    engine: Engine = getattr(import_module(module), made)(cache, log)
    return engine
