"""What a report is made from: results of every kind, and bundles."""

from dataclasses import dataclass

from edgekit.benchmarks import BenchmarkResult
from edgekit.benchmarks.comparing import Comparison
from edgekit.benchmarks.emulator import EmulationResult
from edgekit.benchmarks.engines import EngineTable
from edgekit.benchmarks.profiling import Profile
from edgekit.bundle import Bundle

__all__ = ["Evidence"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a report tells of.

    Attributes:
        results: Of `edgekit benchmark`; several stand beside each other.
        bundles: Joined with the results of the same model.
        comparisons: Of `edgekit compare`.
        tables: Of `edgekit engines`.
        profiles: Of `edgekit profile`.
        emulations: Of `edgekit benchmark --on emulator`.
    """

    results: tuple[BenchmarkResult, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    tables: tuple[EngineTable, ...] = ()
    profiles: tuple[Profile, ...] = ()
    emulations: tuple[EmulationResult, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything."""
        others = (self.comparisons, self.tables, self.profiles, self.emulations)
        return any((self.results, self.bundles, *others))

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models, each once."""
        names = [result.model for result in self.results]
        names += [table.model for table in self.tables]
        names += [profile.model for profile in self.profiles]
        names += [emulation.model for emulation in self.emulations]
        names += [side.name for item in self.comparisons for side in (item.first, item.second)]
        names += [bundle.manifest.name for bundle in self.bundles]
        return tuple(dict.fromkeys(names))
