"""Who looks for which kind of finding, and who says what became of it."""

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from edgekit.converters.compression.outcome import Outcome
from edgekit.converters.compression.weights import Examined
from edgekit.converters.finding import CompressionFinding, FindingKind, SettledFinding

__all__ = ["Examiner", "Judge", "examiners", "examines", "judge_of", "judges"]

Examiner = Callable[[Examined], Iterable[CompressionFinding]]
"""Looks at a source before it is lowered and yields what it finds."""

Judge = Callable[[CompressionFinding, Outcome], SettledFinding]
"""Looks at the final model and says what became of a finding, with the proof."""

_EXAMINERS: dict[FindingKind, Examiner] = {}
_JUDGES: dict[FindingKind, Judge] = {}


def examines(kind: FindingKind) -> Callable[[Examiner], Examiner]:
    """Register who looks for a kind; kinds that opening a source finds have nobody."""

    def register(examiner: Examiner) -> Examiner:
        if kind in _EXAMINERS:
            raise TypeError(f"{kind} has two examiners")
        _EXAMINERS[kind] = examiner
        return examiner

    return register


def judges(kind: FindingKind) -> Callable[[Judge], Judge]:
    """Register who says what became of a kind; every kind has one."""

    def register(judge: Judge) -> Judge:
        if kind in _JUDGES:
            raise TypeError(f"{kind} has two judges")
        _JUDGES[kind] = judge
        return judge

    return register


def examiners() -> tuple[Examiner, ...]:
    """Return all examiners, in the order of the kinds."""
    _load_all()
    return tuple(_EXAMINERS[kind] for kind in FindingKind if kind in _EXAMINERS)


def judge_of(kind: FindingKind) -> Judge:
    """Return who judges a kind."""
    _load_all()
    return _JUDGES[kind]


@cache
def _load_all() -> None:
    package = import_module("edgekit.converters.compression.kinds")
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
