"""A report from results and bundles: which sections it has, in which order."""

import importlib.metadata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from edgekit.errors import EdgekitError
from edgekit.reporting.document import Report
from edgekit.reporting.evidence import Evidence
from edgekit.reporting.sections.comparing import comparing
from edgekit.reporting.sections.devices import devices
from edgekit.reporting.sections.emulated import emulated
from edgekit.reporting.sections.engines import engines
from edgekit.reporting.sections.latency import latency
from edgekit.reporting.sections.memory import memory
from edgekit.reporting.sections.operators import operators
from edgekit.reporting.sections.parity import parity
from edgekit.reporting.sections.provenance import figures_of, provenance
from edgekit.reporting.sections.reproducing import reproducing
from edgekit.reporting.sections.summary import summary
from edgekit.reporting.sections.timing import timing
from edgekit.reporting.subject import subjects_of

__all__ = ["make_report"]


def make_report(evidence: Evidence, *, device_folders: Sequence[Path] = ()) -> Report:
    """Put together what results and bundles tell.

    Args:
        evidence: What was measured and proved.
        device_folders: Where further device profiles are.

    Raises:
        EdgekitError: There is nothing to report.
        BundleError: What a bundle holds is not what this version writes.
        MissingDependencyError: matplotlib is not installed.
    """
    if not evidence:
        raise EdgekitError(
            "there is nothing to report", hint="give results of edgekit benchmark, or bundles"
        )
    subjects = subjects_of(evidence.results, evidence.bundles)
    figures = figures_of(subjects, evidence)
    sections = (
        summary(subjects),
        comparing(subjects, evidence.comparisons),
        latency(subjects),
        engines(evidence.tables),
        timing(evidence.profiles),
        emulated(evidence.emulations),
        operators(subjects),
        memory(subjects),
        parity(subjects),
        devices(subjects, device_folders),
        provenance(figures),
        reproducing(subjects),
    )
    return Report(
        title=", ".join(evidence.models),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=importlib.metadata.version("edgekit"),
        sections=tuple(section for section in sections if section is not None),
        figures=figures,
    )
