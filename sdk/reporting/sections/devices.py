"""Devices: whether each model fits the memories of those that it was built for."""

from collections.abc import Sequence
from pathlib import Path

from edgekit.converting import fits_of
from edgekit.device_profiles import FitReport, MemoryFit, load_profile
from edgekit.errors import EdgekitError
from edgekit.reporting.document import Block, Prose, Section, Table
from edgekit.reporting.subject import Subject, bundles_of

__all__ = ["devices"]

_COLUMNS = ("model", "device", "RAM", "flash", "verdict")


def devices(subjects: Sequence[Subject], folders: Sequence[Path] = ()) -> Section | None:
    """Return the fit of each bundle's devices; None where there are none."""
    rows: list[tuple[str, ...]] = []
    blocks: list[Block] = []
    for model, view in bundles_of(subjects):
        for name in view.bundle.manifest.devices:
            try:
                profile = load_profile(name, folders=folders)
            except EdgekitError as error:
                blocks.append(Prose(f"{name} is left out: {error.message}.", is_warning=True))
                continue
            (report,) = fits_of(view.graph, (profile,))
            rows.append((model, *_row(report)))
    if rows:
        blocks.insert(
            0, Table("Least memory needed (estimated) of what there is", _COLUMNS, (*rows,))
        )
    return Section("devices", "Devices", tuple(blocks)) if blocks else None


def _row(report: FitReport) -> tuple[str, ...]:
    flash = _memory(report.flash) if report.flash else "not a limit"
    return report.device, _memory(report.ram), flash, str(report.verdict)


def _memory(memory: MemoryFit) -> str:
    if memory.available is None:
        return f"{memory.needed_bytes:,} bytes of an unknown number"
    share = 100 * memory.needed_bytes / memory.available.value
    return f"{memory.needed_bytes:,} of {memory.available.value:,} bytes ({share:.1f} %)"
