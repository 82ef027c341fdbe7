"""What a report is about: bundles, and the results that were measured with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from edgekit.benchmarks import BenchmarkResult
from edgekit.bundle import Bundle
from edgekit.converters.graph import Graph, read_graph
from edgekit.files import sha256_bytes

__all__ = ["BundleView", "Subject", "bundles_of", "subjects_of"]


class BundleView:
    """A bundle whose graph is read once, when it is first asked for."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    @cached_property
    def graph(self) -> Graph:
        """The typed graph of its model."""
        return read_graph(self.bundle.model)

    @cached_property
    def model_sha256(self) -> str:
        """Of its ``model.tflite``, as results name it."""
        return sha256_bytes(self.bundle.model)


@dataclass(frozen=True, slots=True)
class Subject:
    """One column of a report: a result, its bundle, or both.

    Attributes:
        name: Unlike that of every other subject.
        model: Name of the model.
        result: What was measured, None for a bundle alone.
        view: The bundle that was measured, None where it was not given.
    """

    name: str
    model: str
    result: BenchmarkResult | None
    view: BundleView | None


def subjects_of(
    results: Sequence[BenchmarkResult], bundles: Sequence[Bundle]
) -> tuple[Subject, ...]:
    """Join results and bundles that hold the same model.

    Each result is a subject, and so is each bundle that no result was measured with.
    """
    views = [BundleView(bundle) for bundle in bundles]
    by_model = {view.model_sha256: view for view in views}
    found: list[tuple[str, BenchmarkResult | None, BundleView | None]] = [
        (result.model, result, by_model.get(result.model_sha256)) for result in results
    ]
    used = {result.model_sha256 for result in results}
    found += [
        (view.bundle.manifest.name, None, view) for view in views if view.model_sha256 not in used
    ]
    names = _apart([name for name, _, _ in found])
    return tuple(Subject(name, *item) for name, item in zip(names, found, strict=True))


def bundles_of(subjects: Sequence[Subject]) -> tuple[tuple[str, BundleView], ...]:
    """Return each bundle once, however many results it has, with a name for it."""
    views = {view.model_sha256: view for item in subjects if (view := item.view) is not None}
    names = _apart([view.bundle.manifest.name for view in views.values()])
    return tuple(zip(names, views.values(), strict=True))


def _apart(names: Sequence[str]) -> list[str]:
    """Number names that occur more than once."""
    counts: dict[str, int] = {}
    unlike = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        unlike.append(f"{name} ({counts[name]})" if names.count(name) > 1 else name)
    return unlike
