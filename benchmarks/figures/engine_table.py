"""The table of engines on MLPerf Tiny's networks, outputs checked.

Needs the folder of test data (``EDGEKIT_TEST_DATA``). Each network is a torch module with the
published weights (see `tiny_networks.py`), built into an int8 bundle that is calibrated on 100
samples; 64 others are run. So every engine has something to run: those of TFLite the bundle,
onnxruntime the exported ONNX, torch the module.

    python benchmarks/figures/engine_table.py --json docs/figures/engine_table.json
    python benchmarks/figures/engine_table.py --page docs/engines.md
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from page_tables import with_tables
from tiny_networks import NETWORKS, build_bundle, raw_samples

from edgekit.benchmarks.engines import EngineOptions, EngineTable
from edgekit.engine_comparison import compare_engines
from edgekit.files import atomic_write

RECORD = Path(__file__).parents[2] / "docs" / "figures" / "engine_table.json"
SAMPLES = 64
COLUMNS = (
    *("engine", "latency, us", "to litert"),
    *("SQNR to float", "same top-1", "values differ from litert"),
)


def main() -> None:
    """Measure and record, or write the page's tables from the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="measure, and write the record here")
    parser.add_argument("--page", type=Path, help="write the record's tables into this page")
    parser.add_argument("--rounds", type=int, default=EngineOptions().rounds)
    parser.add_argument(
        "--networks",
        nargs="+",
        default=list(NETWORKS),
        choices=list(NETWORKS),
        help="measure these; what the record has of others stays",
    )
    arguments = parser.parse_args()
    if arguments.json:
        options = EngineOptions(rounds=arguments.rounds)
        known = json.loads(arguments.json.read_text()) if arguments.json.exists() else {}
        measured = {name: measure(name, options) for name in arguments.networks}
        record = {
            name: {**known, **measured}[name] for name in NETWORKS if name in {*known, *measured}
        }
        atomic_write(arguments.json, json.dumps(record, indent=1) + "\n")
        print("\n".join(markdown(record)))
    if arguments.page:
        record = json.loads((arguments.json or RECORD).read_text())
        page = with_tables(arguments.page.read_text(), "engine table", markdown(record))
        atomic_write(arguments.page, page)


def measure(name: str, options: EngineOptions) -> dict[str, Any]:
    """Return what is recorded of one network."""
    with tempfile.TemporaryDirectory() as scratch:
        bundle, source = build_bundle(name, Path(scratch), SAMPLES)
        table = compare_engines(
            bundle, source=source, inputs=raw_samples(name, bundle, SAMPLES), options=options
        )
    return compact(table)


def compact(table: EngineTable) -> dict[str, Any]:
    """Return a table as JSON with each block's median in the place of its runs."""
    data = table.to_json()
    for row, stored in zip(table.rows, data["rows"], strict=True):
        latency = table.latency(row)
        del stored["blocks"]
        stored["block_medians_us"] = (
            [round(value, 3) for value in latency.samples] if latency else []
        )
    return data


def markdown(record: dict[str, Any]) -> list[str]:
    """Return a table for each network."""
    lines = []
    for name, data in record.items():
        lines += [
            f"**{name}**",
            "",
            f"| {' | '.join(COLUMNS)} |",
            "|---|---:|---:|---:|---:|---:|",
            *(_line(row, data["rows"]) for row in data["rows"]),
            "",
        ]
    return lines


def _line(row: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    if row["latency"] is None:
        return f"| `{row['engine']}` | not run: {row['reason']} | | | | |"
    float_engine = next(
        (
            item["engine"]
            for item in rows
            if item["description"] and item["description"]["form"] == "float"
        ),
        None,
    )
    checks = {check["against"]: check for check in row["checks"]}
    to_float, to_litert = checks.get(float_engine, {}), checks.get("litert", {})
    steps = to_litert.get("max_steps")
    cells = [
        f"`{row['engine']}`",
        _with_interval(row["latency"]) + (", unstable" if row["unstable_reasons"] else ""),
        _with_interval(row["ratio"]),
        _decibels(to_float),
        "" if to_float.get("top1_percent") is None else f"{to_float['top1_percent']:.1f} %",
        "" if steps is None else f"{to_litert['differing_percent']:.1f} %, at most {steps}",
    ]
    return f"| {' | '.join(cells)} |"


def _with_interval(figure: dict[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['value']:,.2f} ({low:,.2f} to {high:,.2f})"


def _decibels(check: dict[str, Any]) -> str:
    if not check:
        return "reference"
    return "equal" if check["sqnr_db"] is None else f"{check['sqnr_db']:.1f} dB"


if __name__ == "__main__":
    main()
