"""Open an engine by its name."""

from pathlib import Path

from edgekit.converters.cache import Cache
from edgekit.converters.engines.base import Engine
from edgekit.converters.engines.onnx2tf_engine import Onnx2tfEngine
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.errors import UnknownNameError

__all__ = ["ENGINE_NAMES", "open_engine"]

_ENGINES: dict[str, type[Onnx2tfEngine] | type[OwnEngine]] = {
    OwnEngine.name: OwnEngine,
    Onnx2tfEngine.name: Onnx2tfEngine,
}
ENGINE_NAMES = tuple(_ENGINES)


def open_engine(name: str, cache: Cache, log: Path) -> Engine:
    """Return an engine, to be used as a context manager.

    Raises:
        UnknownNameError: There is no engine of that name.
    """
    if name not in _ENGINES:
        raise UnknownNameError("engine", name, _ENGINES)
    return _ENGINES[name](cache, log)
