"""What a runtime can execute: its operators, their versions and types, read from a data file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgekit.device_profiles.sourced import (
    ProfileError,
    RefusedValueError,
    Sourced,
    Table,
    flag,
    read_toml,
    text,
    whole,
)
from edgekit.errors import UnknownNameError

__all__ = ["OperatorSupport", "RuntimeSupport", "load_runtime", "runtime_names"]

SHIPPED = Path(__file__).parent / "runtimes"


@dataclass(frozen=True, slots=True)
class OperatorSupport:
    """How far a runtime supports one TFLite operator.

    Attributes:
        min_version: Lowest operator version, None where the runtime does not look at versions.
        max_version: Highest operator version, None where the runtime does not look at versions.
        dtypes: NumPy names of the data types its kernel takes, None where nobody measured.
            Of the data, that is: not of indices, axes, weights or biases. For QUANTIZE,
            DEQUANTIZE, CAST and the comparisons: of the input.
    """

    min_version: int | None = None
    max_version: int | None = None
    dtypes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class RuntimeSupport:
    """What a runtime can execute.

    Attributes:
        name: Name of the file it was read from, without ``.toml``.
        title: What people call it.
        release: The release that the facts are about.
        checks_versions: False where the runtime takes an operator whatever its version.
        dtypes: NumPy names (and ``int4``) of the types that tensors may have.
        per_channel_fully_connected: Whether FULLY_CONNECTED takes one scale per output channel.
        per_channel_fully_connected_since: The first release that does.
        hybrid_kernels: Whether layers take float data with integer weights, None where nobody
            measured.
        int4_weights: Operators that take INT4 weights with one scale beside int8 data, None where
            nobody measured.
        int4_weights_per_channel: The same with a scale for each output channel.
        max_rank: Highest number of dimensions of a tensor, None where kernels differ too much.
        operators: By name in the TFLite schema, for example ``CONV_2D``.
    """

    name: str
    title: str
    release: Sourced[str]
    checks_versions: Sourced[bool]
    dtypes: Sourced[frozenset[str]]
    per_channel_fully_connected: Sourced[bool]
    per_channel_fully_connected_since: Sourced[str] | None
    hybrid_kernels: Sourced[bool] | None
    int4_weights: Sourced[frozenset[str]] | None
    int4_weights_per_channel: Sourced[frozenset[str]] | None
    max_rank: Sourced[int] | None
    operators: Sourced[Mapping[str, OperatorSupport]] = field(repr=False)

    def supports(self, op_name: str, version: int = 1) -> bool:
        """Return whether the runtime registers ``op_name`` at this version."""
        operator = self.operators.value.get(op_name)
        if operator is None:
            return False
        if operator.min_version is None or operator.max_version is None:
            return True
        return operator.min_version <= version <= operator.max_version

    def max_version(self, op_name: str) -> int | None:
        """Return the highest version of ``op_name``, None where there is no limit or no kernel."""
        operator = self.operators.value.get(op_name)
        return operator.max_version if operator else None

    def dtypes_of(self, op_name: str) -> frozenset[str] | None:
        """Return the data types the kernel of ``op_name`` takes, None where nobody measured."""
        operator = self.operators.value.get(op_name)
        return operator.dtypes if operator else None


def runtime_names(folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """Return the names of the runtimes that come with edgekit and in ``folders``, sorted."""
    return tuple(sorted({path.stem for place in _places(folders) for path in place.glob("*.toml")}))


def load_runtime(name: str, *, folders: Sequence[Path] = ()) -> RuntimeSupport:
    """Read the file of a runtime.

    Args:
        name: ``litert``, ``tflite-micro``, or the name of a file in a folder ``runtimes`` of
            one of the ``folders``.
        folders: Searched before edgekit's own.

    Raises:
        UnknownNameError: There is no such runtime.
        ProfileError: The file breaks the schema.
    """
    for place in _places(folders):
        path = place / f"{name}.toml"
        if path.is_file():
            return _parse(path)
    raise UnknownNameError("runtime", name, runtime_names(folders))


def _places(folders: Sequence[Path]) -> tuple[Path, ...]:
    return (*(folder / "runtimes" for folder in folders), SHIPPED)


def _parse(path: Path) -> RuntimeSupport:
    table = Table(path, read_toml(path))
    runtime = RuntimeSupport(
        name=path.stem,
        title=table.value("title", text),
        release=table.figure("release", text),
        checks_versions=table.figure("checks_versions", flag),
        dtypes=table.figure("dtypes", _names),
        per_channel_fully_connected=table.figure("per_channel_fully_connected", flag),
        per_channel_fully_connected_since=table.optional_figure(
            "per_channel_fully_connected_since", text
        ),
        hybrid_kernels=table.optional_figure("hybrid_kernels", flag),
        int4_weights=table.optional_figure("int4_weights", _names),
        int4_weights_per_channel=table.optional_figure("int4_weights_per_channel", _names),
        max_rank=table.optional_figure("max_rank", whole),
        operators=table.figure("operators", lambda raw: _operators(path, raw)),
    )
    table.close()
    for name, operator in runtime.operators.value.items():
        if (operator.max_version is None) == runtime.checks_versions.value:
            why = "must have versions exactly where checks_versions is true"
            raise ProfileError(path, f"operators.value.{name}", why)
    return runtime


def _operators(path: Path, raw: Any) -> Mapping[str, OperatorSupport]:
    if not isinstance(raw, dict):
        raise RefusedValueError("must be a table of operators")
    operators: dict[str, OperatorSupport] = {}
    for name, fields in raw.items():
        if not isinstance(fields, dict):
            raise ProfileError(path, f"operators.value.{name}", "must be a table")
        table = Table(path, fields, f"operators.value.{name}.")
        low, high = table.optional("versions", _versions) or (None, None)
        operators[name] = OperatorSupport(low, high, table.optional("dtypes", _names))
        table.close()
    return operators


def _versions(raw: Any) -> tuple[int, int]:
    is_pair = isinstance(raw, list) and [type(item) for item in raw] == [int, int]
    if not is_pair or not 1 <= raw[0] <= raw[1]:
        raise RefusedValueError("must be two whole numbers, the lowest and the highest version")
    return raw[0], raw[1]


def _names(raw: Any) -> frozenset[str]:
    if not isinstance(raw, list) or not raw or not all(isinstance(item, str) for item in raw):
        raise RefusedValueError("must be a list of names of data types or operators")
    return frozenset(raw)
