"""A result as it is recorded: any JSON document, named by its hash, with what it is found by."""

import json
import zlib
from dataclasses import asdict, dataclass
from typing import Any, Self

from edgekit.benchmarks.records.errors import DocumentError
from edgekit.benchmarks.records.summary import Summary
from edgekit.files import sha256_bytes

__all__ = ["BENCHMARK", "COMPARISON", "EMULATION", "ENGINES", "PROFILE", "SHORT_ID", "Record"]

BENCHMARK = "benchmark"  # the kind of a BenchmarkResult
COMPARISON = "comparison"  # of a Comparison
EMULATION = "emulation"  # of an EmulationResult
ENGINES = "engines"  # of an EngineTable
PROFILE = "profile"  # of a Profile
# What only documents of a kind have.
_KEYS = {
    BENCHMARK: {"model", "target", "measurements", "environment"},
    COMPARISON: {"first", "second", "groups", "verdict"},
    EMULATION: {"model", "device", "instructions", "sizes"},
    ENGINES: {"model", "source", "rows", "environment"},
    PROFILE: {"model", "operators", "partitions", "whole_us"},
}
SHORT_ID = 12  # characters of an id that are shown
# Samples are long texts of digits: level 9 takes several times as long for two per cent less.
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Record:
    """One recorded result.

    Attributes:
        id: SHA-256 of kind and document, so that the same result has the same id everywhere.
        kind: What the document is, for example ``benchmark`` or ``comparison``.
        document: The result as JSON, with its ``schema_version``.
    """

    id: str
    kind: str
    document: dict[str, Any]

    @classmethod
    def of(cls, document: Any, kind: str | None = None) -> Self:
        """Make a record of a document.

        Args:
            document: A JSON object with an integer ``schema_version``.
            kind: None takes the document's own ``kind``; without one it has to be a result
                of a benchmark, which has none.

        Raises:
            DocumentError: It is no such object, or what it is cannot be told.
        """
        if not isinstance(document, dict):
            raise DocumentError(f"it is {type(document).__name__}, not a JSON object")
        version = document.get("schema_version")
        if not isinstance(version, int) or isinstance(version, bool):
            raise DocumentError("it has no whole number as schema_version")
        kind = kind or document.get("kind") or _guessed(document)
        if not isinstance(kind, str):
            raise DocumentError("it does not say of which kind it is")
        return cls(sha256_bytes(_canonical(kind, document)), kind, document)

    @property
    def schema_version(self) -> int:
        """Version of the document's form."""
        return int(self.document["schema_version"])

    @property
    def summary(self) -> Summary:
        """What the record is found by, read out of the document."""
        return Summary.of(self.document)

    @property
    def content(self) -> bytes:
        """Kind and document, compressed: all that a database has to keep."""
        text = _text(self.kind, self.document)  # in the writer's order: people read it
        return zlib.compress(text.encode(), _LEVEL)

    @classmethod
    def from_content(cls, content: bytes) -> Self:
        """Return the record whose `content` this is.

        Raises:
            DocumentError: It is damaged, or something else.
        """
        try:
            envelope = json.loads(zlib.decompress(content))
            return cls.of(envelope["document"], envelope["kind"])
        except (zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
            raise DocumentError(f"its content is damaged ({error})") from error

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values, with its summary beside the document."""
        return {
            "id": self.id,
            "kind": self.kind,
            **asdict(self.summary),
            "document": self.document,
        }


def _guessed(document: dict[str, Any]) -> str | None:
    return next((kind for kind, keys in _KEYS.items() if keys <= document.keys()), None)


def _canonical(kind: str, document: dict[str, Any]) -> bytes:
    """Return the bytes that the hash is taken of, the same for equal documents."""
    try:
        return _text(kind, document, sort_keys=True).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise DocumentError(f"it is not JSON ({error})") from error


def _text(kind: str, document: dict[str, Any], *, sort_keys: bool = False) -> str:
    return json.dumps(
        {"document": document, "kind": kind},
        sort_keys=sort_keys,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )
