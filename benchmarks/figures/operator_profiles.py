"""Profiles of MLPerf Tiny's networks: what each operator costs, and how much is accounted for.

Needs the folder of test data (``EDGEKIT_TEST_DATA``). The bundles are those of `engine_table.py`.
Each is profiled with LiteRT's built-in kernels, which run operator by operator, and with its
default ones, where XNNPACK runs many as one.

    python benchmarks/figures/operator_profiles.py --json docs/figures/operator_profiles.json
    python benchmarks/figures/operator_profiles.py --page docs/profiling.md
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from page_tables import with_tables
from tiny_networks import NETWORKS, build_bundle, raw_samples

from edgekit.benchmarks.profiling import Profile, ProfileOptions
from edgekit.files import atomic_write
from edgekit.profiling import profile
from edgekit.runtime import Kernels

RECORD = Path(__file__).parents[2] / "docs" / "figures" / "operator_profiles.json"
KERNELS = (Kernels.BUILTIN, Kernels.DEFAULT)
SHOWN = "kws"


def main() -> None:
    """Measure and record, or write the page's tables from the record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="measure, and write the record here")
    parser.add_argument("--page", type=Path, help="write the record's tables into this page")
    parser.add_argument("--rounds", type=int, default=ProfileOptions().rounds)
    arguments = parser.parse_args()
    if arguments.json:
        record = {name: measure(name, arguments.rounds) for name in NETWORKS}
        atomic_write(arguments.json, json.dumps(record, indent=1) + "\n")
        print("\n".join(summary(record)))
    if arguments.page:
        record = json.loads((arguments.json or RECORD).read_text())
        page = arguments.page.read_text()
        page = with_tables(page, "operators", markdown(record[SHOWN]))
        atomic_write(arguments.page, with_tables(page, "coverage", summary(record)))


def measure(name: str, rounds: int) -> dict[str, Any]:
    """Return what is recorded of one network, by kernels."""
    with tempfile.TemporaryDirectory() as scratch:
        bundle, _ = build_bundle(name, Path(scratch), 10)
        (inputs,) = raw_samples(name, bundle, 1)
        profiles = [
            profile(bundle, ProfileOptions(rounds=rounds, kernels=kernels), inputs=inputs)
            for kernels in KERNELS
        ]
    return {str(item.options.kernels): compact(item) for item in profiles}


def compact(result: Profile) -> dict[str, Any]:
    """Return a profile as JSON without the raw differences."""
    data = result.to_json()
    for row in (*data["operators"], *data["partitions"]):
        del row["added_us"]
    for peak in (*data["peaks"]["compute"], *data["peaks"]["bandwidths"]):
        peak["rate"]["samples"] = []
    del data["whole_us"], data["call_us"]
    return data


def markdown(record: dict[str, Any]) -> list[str]:
    """Return the table of one network's operators, with both kinds of kernels."""
    builtin, default = (record[str(kernels)] for kernels in KERNELS)
    lines = [
        "| operator | MACs | bytes | MAC/byte | built-in, us | GMAC/s | XNNPACK, us | GMAC/s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    rows = {row["index"]: row for row in default["operators"]}
    for row in builtin["operators"]:
        other = rows[row["index"]]
        cells = [
            f"{row['index']} {row['kind']}",
            f"{row['macs']:,}" if row["macs"] else "",
            f"{row['moved_bytes']:,}",
            f"{row['derived']['intensity']:.1f}" if row["macs"] else "",
            *_time_and_rate(row),
            *_time_and_rate(other),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    for partition in default["partitions"]:
        first, last = partition["operators"][0], partition["operators"][-1]
        cells = [
            f"{first} to {last} as one",
            f"{partition['macs']:,}",
            f"{partition['moved_bytes']:,}",
            f"{partition['derived']['intensity']:.1f}",
            *("", ""),
            *_time_and_rate(partition),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def summary(record: dict[str, Any]) -> list[str]:
    """Return the table of how much of each model is accounted for."""
    lines = [
        "| network | kernels | whole model, us | call and operators | int8 peak, GMAC/s |",
        "|---|---|---:|---:|---:|",
    ]
    for name, profiles in record.items():
        for kernels, data in profiles.items():
            whole = data["whole"]
            low, high = whole["interval"]
            (peak,) = data["peaks"]["compute"]
            lines.append(
                f"| {name} | {kernels} | {whole['value']:,.1f} ({low:,.1f} to {high:,.1f}) "
                f"| {data['coverage']:.1%} | {peak['rate']['value'] / 1e9:,.0f} |"
            )
    return [*lines, ""]


def _time_and_rate(row: dict[str, Any]) -> tuple[str, str]:
    time, rate = row["derived"]["time"], row["derived"]["macs_per_second"]
    low, high = time["interval"]
    text = f"{time['value']:.2f} ({low:.2f} to {high:.2f})"
    return text, "" if rate is None else f"{rate / 1e9:.1f}"


if __name__ == "__main__":
    main()
