"""What it is worth on this machine that channels which pruning zeroed are taken out.

Needs the folder of test data (``EDGEKIT_TEST_DATA``) with ``ic_resnet8.onnx``. The least half of
every convolution's channels is zeroed (by the sum of magnitudes; layers that a sum joins lose
the same ones), without training anew, so that only speed is compared. Whole and pruned network
are built and run in one process, in blocks whose order is drawn anew for every round, so that a
machine that gets slower meanwhile slows both.

    python benchmarks/figures/pruned_channels.py --json docs/figures/pruned_channels.json
"""

import argparse
import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.benchmarks import (
    BenchmarkOptions,
    HostTarget,
    Measurement,
    Provenance,
    Session,
    random_inputs,
)
from edgekit.benchmarks.statistics import mad, median
from edgekit.build_options import BuildOptions
from edgekit.building import build
from edgekit.bundle import Bundle, Io, Scheme
from edgekit.converters.graph import read_graph
from edgekit.converters.graph.macs import subgraph_macs
from edgekit.converters.parity import Thresholds
from edgekit.files import atomic_write
from edgekit.runtime import Kernels

# Convolutions of ic_resnet8.onnx (numbers of their nodes) whose channels are the same.
GROUPS = (("", "_2"), ("_1",), ("_3",), ("_4", "_5"), ("_6",), ("_7", "_8"))
WAYS = (
    (Scheme.INT8, Kernels.DEFAULT),
    (Scheme.INT8, Kernels.BUILTIN),
    (Scheme.FLOAT32, Kernels.DEFAULT),
)
WARM_UP_RUNS = 50


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is measured."""

    repeats: int
    rounds: int
    block: int


def main() -> None:
    """Build, measure, print a table, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=5, help="new interpreters so many times")
    parser.add_argument("--rounds", type=int, default=60, help="blocks of each in a repeat")
    parser.add_argument("--block", type=int, default=5, help="runs in a block")
    arguments = parser.parse_args()
    pace = Pace(arguments.repeats, arguments.rounds, arguments.block)
    data = Path(os.environ.get("EDGEKIT_TEST_DATA", "../shared/data"))
    with tempfile.TemporaryDirectory() as scratch:
        rows, environment = measured(data / "ic_resnet8.onnx", Path(scratch), pace)
    for row in rows:
        whole, pruned = (Measurement.from_json(row[name]["latency"]) for name in NAMES)
        low, high = row["ratio_range"]
        print(
            f"{row['scheme']:8} {row['kernels']:9} {whole:10.1f} {pruned:10.1f}  ratio "
            f"{row['ratio']:.3f} ({low:.3f} to {high:.3f}), MACs {row['macs_ratio']:.3f}"
        )
    content = {"environment": environment, "figures": rows}
    atomic_write(arguments.json, json.dumps(content) + "\n")


NAMES = ("whole", "pruned")


def measured(model: Path, scratch: Path, pace: Pace) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return a row for each way to run both networks, and the environment."""
    zeroed = scratch / "pruned.onnx"
    zero_channels(model, zeroed)
    generator = np.random.default_rng(0)
    np.save(scratch / "x.npy", generator.uniform(0, 255, (40, 1, 3, 32, 32)).astype(np.float32))
    rows, environment = [], {}
    for scheme, kernels in WAYS:
        bundles = [
            built(path, scratch / f"{name}-{scheme}.edgekit", scratch / "x.npy", scheme)
            for name, path in zip(NAMES, (model, zeroed), strict=True)
        ]
        repeats = []
        for seed in range(pace.repeats):
            sessions = [opened(bundle, kernels) for bundle in bundles]
            environment = sessions[0].environment().to_json()
            repeats.append(alternate(sessions, pace, np.random.default_rng(seed)))
            for session in sessions:
                session.close()
        rows.append({"scheme": scheme, "kernels": kernels, **figures(bundles, repeats)})
    return rows, environment


def zero_channels(model: Path, pruned: Path) -> None:
    """Write the network with the least half of each group's channels at zero."""
    import onnx
    from onnx import numpy_helper

    proto = onnx.load(model)
    constants = {item.name: item for item in proto.graph.initializer}
    nodes = {item.name: item for item in proto.graph.node if item.op_type == "Conv"}
    for group in GROUPS:
        members = [nodes[f"model/conv2d{number}/BiasAdd"] for number in group]
        weights = [numpy_helper.to_array(constants[item.input[1]]) for item in members]
        size = sum(np.abs(values).sum(axis=(1, 2, 3)) for values in weights)
        least = np.argsort(size)[: len(size) // 2]
        for name in (name for item in members for name in item.input[1:]):
            values = numpy_helper.to_array(constants[name]).copy()
            values[least] = 0
            constants[name].CopyFrom(numpy_helper.from_array(values, name))
    onnx.save(proto, pruned)


def built(model: Path, output: Path, samples: Path, scheme: Scheme) -> Bundle:
    """Build a bundle, once."""
    if not output.exists():
        options = BuildOptions(
            calibration_data=str(samples),
            calibration_count=20,
            scheme=scheme,
            thresholds=Thresholds(min_sqnr_db=0.0, min_cosine=0.0),
        )
        build(model, output, options if scheme is Scheme.INT8 else replace(options, io=Io.FLOAT32))
    return Bundle.open(output)


def opened(bundle: Bundle, kernels: Kernels) -> Session:
    """Load a bundle on this machine, warm."""
    inputs = random_inputs(bundle.manifest.inputs, seed=0)
    session = HostTarget().prepare(bundle, inputs, BenchmarkOptions(kernels=kernels))
    session.run(WARM_UP_RUNS)
    return session


def alternate(
    sessions: list[Session], pace: Pace, generator: np.random.Generator
) -> list[list[float]]:
    """Return latencies in microseconds of each, in the order they ran."""
    samples: list[list[float]] = [[] for _ in sessions]
    for _ in range(pace.rounds):
        for index in generator.permutation(len(sessions)):
            samples[index].extend(sessions[index].run(pace.block))
    return samples


def figures(bundles: list[Bundle], repeats: list[list[list[float]]]) -> dict[str, Any]:
    """Return medians, spread and the ratio (median over repeats), with all samples."""
    row: dict[str, Any] = {}
    macs = [subgraph_macs(read_graph(bundle.model).main) for bundle in bundles]
    for index, name in enumerate(NAMES):
        samples = [sample for repeat in repeats for sample in repeat[index]]
        method = f"median of {len(samples)} runs, both networks interleaved in random order"
        latency = Measurement(median(samples), "us", Provenance.MEASURED, method)
        row[name] = {
            "latency": latency.to_json(),
            "mad_us": round(mad(samples), 2),
            "macs": macs[index],
            "model_bytes": len(bundles[index].model),
            "samples_us": [[round(sample, 1) for sample in repeat[index]] for repeat in repeats],
        }
    ratios = [median(repeat[1]) / median(repeat[0]) for repeat in repeats]
    return row | {
        "ratio": median(ratios),
        "ratio_range": [min(ratios), max(ratios)],
        "macs_ratio": macs[1] / macs[0],
    }


if __name__ == "__main__":
    main()
