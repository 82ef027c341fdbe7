"""Write docs/architectures.md: what becomes of architecture families, beside other converters."""

from collections.abc import Iterator, Sequence
from statistics import median

from architectures.record import Record, Row
from architectures.tables import cells, decibels, markdown, names

__all__ = ["architectures_page"]

_RIGHT_DB = 60.0  # a float model below is wrong
_NEAR_DB = 1.0  # that a peer may be ahead
_SHOWN = 3  # islands and the like, before "and N more"
_NAMES = {"onnx": "ONNX", "torch": "torch"}

_INTRODUCTION = """\
# Architecture families

Made from the records of the runs in `docs/figures`; `make docs` writes it again.

{families} families, made without downloads from `transformers` configurations or plain torch, with
random seeded weights and inputs of 96-128 px. Each is converted to full-integer int8, input and
output included, with 64 samples for calibration (minimum and maximum) and measured on 16 others.
Random weights are harsh, and the samples are synthetic: no figure says how accurate a trained
network is.

    python benchmarks/figures/architectures.py --keep FOLDER \\
        --json docs/figures/architectures_onnx.json
    python benchmarks/figures/architectures.py --keep FOLDER --source torch \\
        --json docs/figures/architectures_torch.json
    python benchmarks/figures/architectures.py --keep FOLDER --engine onnx2tf [FAMILY ...] \\
        --json docs/figures/architectures_onnx2tf.json
    python benchmarks/figures/architectures.py --keep FOLDER [FAMILY ...] \\
        --calibration-method percentile --json docs/figures/architectures_percentile.json
    PEER/bin/python benchmarks/figures/architectures_litert_torch.py FOLDER [FAMILY ...] \\
        --json docs/figures/architectures_litert_torch.json

SQNR is against torch, `10 log10(sum x^2 / sum (x - y)^2)` in dB over all samples, of the worst
output: of the float model, and of the integer model with LiteRT's default kernels and with its
reference kernels. Seconds are processor time of a whole conversion in a fresh process, its child
processes and the converter's imports included, torch's and the network's own apart. Everything is
measured.
"""
_PEERS = """\
onnx2tf runs as the engine `--engine onnx2tf`, in a process of its own, with TensorFlow's
quantizer. litert-torch runs in an environment of its own, on the same networks and samples (it is
checked that torch gives the same results there), with litert-quantizer's recipe `static_wi8_ai8`;
its ranges are a moving average of minima and maxima, which cuts what is rare, where ours hold
everything that was seen unless `--calibration-method` says otherwise. A conversion may take 900
seconds and 16 GB of address space: a MemoryError wanted more.
"""


def architectures_page(onnx: Record, torch: Record, other: Record, peers: Sequence[Record]) -> str:
    """Return docs/architectures.md as Markdown.

    Args:
        onnx: All families with our engine, from ONNX.
        torch: The same from torch.
        other: Some of ``onnx`` with another calibration method.
        peers: Other converters, each on some families.
    """
    introduction = _INTRODUCTION.format(families=len(onnx.rows))
    lines = [
        introduction,
        *_summary(onnx),
        *_summary(torch),
        *_against(onnx, other, peers),
        "",
        "## The table",
        "",
        "From ONNX; beside it the int8 SQNR from torch and of the other converters, (n) where n "
        "operators stay in float, - where there is no integer model that runs, empty where it was "
        "not tried.",
        "",
        _together(onnx, (torch, *peers)),
        *_told(onnx),
        "Transposes stay where the network turns axes itself or a TFLite operator wants another "
        "order; the nodes that they belong to:",
        "",
        *_transposed(onnx),
        "## From torch",
        "",
        markdown(names(), map(cells, torch.rows)),
        *_told(torch),
        "## The other converters",
        "",
        _PEERS,
    ]
    for peer in peers:
        lines += [f"### {peer.engine}, from {_NAMES[peer.source]}", ""]
        lines += [f"Versions: {_versions(peer)}.", ""]
        lines += [markdown(names(), map(cells, peer.rows)), *_told(peer)]
    lines.append(f"Versions of our runs: {_versions(onnx)}.")
    return "\n".join(lines).rstrip() + "\n"


def _summary(record: Record) -> Iterator[str]:
    rows = record.rows
    right = [row for row in rows if (row.float_sqnr_db or 0.0) >= _RIGHT_DB]
    off = [row.family for row in rows if row not in right]
    whole = [row for row in rows if _is_whole(row)]
    rest = [row.family for row in rows if row not in whole]
    gained = [row.int8_sqnr_db for row in whole if row.int8_sqnr_db is not None]
    yield f"From {_NAMES[record.source]}, of {len(rows)}:"
    yield ""
    yield f"- float within {_RIGHT_DB:.0f} dB of torch: {len(right)}{_but(off)}"
    yield (
        "- full-integer, without a float operator, and runs with default and reference kernels: "
        f"{len(whole)}{_but(rest)}"
    )
    yield f"- int8 SQNR of those: median {median(gained):.1f} dB, least {min(gained):.1f} dB"
    yield f"- no transpose left: {sum(row.transposes == 0 for row in rows)}"
    yield ""


def _against(own: Record, other: Record, peers: Sequence[Record]) -> Iterator[str]:
    """Say where each peer stands, and where one is ahead of ours."""
    yield "Against the other converters, from ONNX:"
    yield ""
    for peer in peers:
        through = [row for row in peer.rows if row.int8_sqnr_db is not None]
        wrong = [row.family for row in peer.rows if _is_wrong(row)]
        behind = [
            ours.int8_sqnr_db - row.int8_sqnr_db
            for row in through
            if (ours := own.row(row.family)) and ours.int8_sqnr_db is not None
        ]
        yield (
            f"- {peer.engine}: {len(through)} of {len(peer.rows)} have an int8 model that runs, "
            f"{sum(_is_whole(row) for row in peer.rows)} of them in integers throughout and with "
            f"both kernels; wrong in float: {', '.join(wrong) or 'none'}; median advantage of "
            f"ours {median(behind):.1f} dB"
        )
    ahead = []
    for row in (row for peer in peers for row in peer.rows):
        if said := _ahead(row, own.row(row.family)):
            again = other.row(row.family)
            by = f"`--calibration-method {other.calibration}`"
            ahead.append(f"{said}; {decibels(again.int8_sqnr_db)} with {by}" if again else said)
    yield f"- a peer ahead by more than {_NEAR_DB:.0f} dB: {', '.join(ahead) or 'nowhere'}"


def _ahead(peer: Row, own: Row | None) -> str:
    if own is None or peer.int8_sqnr_db is None or _is_wrong(peer):
        return ""
    ours = own.int8_sqnr_db
    if ours is not None and peer.int8_sqnr_db <= ours + _NEAR_DB:
        return ""
    floats = f", {peer.violations} operators in float" if peer.violations else ""
    mine, theirs = decibels(ours), decibels(peer.int8_sqnr_db)
    return f"{peer.family} with {peer.engine} ({theirs} dB against {mine}{floats})"


def _is_whole(row: Row) -> bool:
    runs = row.int8_sqnr_db is not None and row.reference_sqnr_db is not None
    return runs and row.violations == 0


def _is_wrong(row: Row) -> bool:
    return row.float_sqnr_db is not None and row.float_sqnr_db < _RIGHT_DB


def _together(own: Record, others: Sequence[Record]) -> str:
    head = ["family", "operators", "transposes", "float", "int8", "reference", "s", "MB"]
    head += [f"{other.engine}, {_NAMES[other.source]}" for other in others]
    lines = []
    for row in own.rows:
        # without the violations, which the list below tells, and without memory
        mine = [
            cell
            for name, cell in zip(names(), cells(row), strict=True)
            if name not in ("violations", "RSS MB")
        ]
        lines.append([*mine, *(_beside(other.row(row.family)) for other in others)])
    return markdown(head, lines)


def _beside(row: Row | None) -> str:
    if row is None:
        return ""
    return decibels(row.int8_sqnr_db) + (f" ({row.violations})" if row.violations else "")


def _told(record: Record) -> Iterator[str]:
    """Say of each row what went wrong and what stays in float."""
    found = [f"- {row.family}: {story}" for row in record.rows if (story := _story(row))]
    if found:
        yield from [*found, ""]


def _transposed(record: Record) -> Iterator[str]:
    for row in record.rows:
        if row.transposed:
            nodes = list(dict.fromkeys(row.transposed))
            yield f"- {row.family}: {row.transposes}, {_some(nodes)}"
    yield ""


def _story(row: Row) -> str:
    told = [row.error.rstrip(": ")] if row.error else []
    if row.islands:
        told.append(f"breaks the contract: {_some(row.islands)}")
    return "; ".join(told)


def _some(items: Sequence[str]) -> str:
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return ", ".join(items[:_SHOWN]) + more


def _but(families: Sequence[str]) -> str:
    return f" (not {', '.join(families)})" if families else ""


def _versions(record: Record) -> str:
    return ", ".join(f"{name} {version}" for name, version in record.versions.items())
