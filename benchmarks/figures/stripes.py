"""Arenas of a small MobileNetV2 as C, layer by layer and with its first layers in stripes.

The network has the usual structure (width 0.35, 96 pixels, 10 classes) and random, seeded
weights: sizes and orders of execution do not depend on them.

    python benchmarks/figures/stripes.py --json docs/figures/stripes.json
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from architectures.built import Built, Picked, pictures

from edgekit.build_options import BuildOptions
from edgekit.building import build
from edgekit.bundle import Bundle
from edgekit.converters.c import COptions, Isa, generate_c
from edgekit.converters.c.errors import ArenaBudgetError
from edgekit.converters.graph import read_graph
from edgekit.converters.graph.macs import subgraph_macs
from edgekit.converters.parity import Thresholds

_SIZE, _WIDTH = 96, 0.35
_LARGE = 0.3  # of weights before a batch norm whose epsilon, 0.001, would swallow smaller ones
_SHARES = (1.0, 0.8, 0.6, 0.5, 0.4, 0.3)
_ANY = Thresholds(min_sqnr_db=-1000.0, min_cosine=-1.0)


def main() -> None:
    """Build the network, generate it for each budget, print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = _model(Path(folder))
    macs = subgraph_macs(read_graph(model).main)
    whole = generate_c(model, COptions("net", Isa.DSP)).arena_bytes
    rows = []
    for share in _SHARES:
        row: dict[str, object] = {"budget_bytes": int(share * whole)}
        try:
            library = generate_c(
                model, COptions("net", Isa.DSP, arena_budget_bytes=int(share * whole))
            )
        except ArenaBudgetError as error:
            row["smallest_bytes"] = error.smallest_bytes
        else:
            row |= {
                "arena_bytes": library.arena_bytes,
                "schedule": library.schedule,
                "extra_macs_share": round(library.extra_macs / macs, 4),
            }
        rows.append(row)
        print(json.dumps(row), flush=True)
    arguments.json.write_text(json.dumps({"macs": macs, "rows": rows}, indent=1) + "\n")


def _model(folder: Path) -> bytes:
    from transformers import MobileNetV2Config, MobileNetV2ForImageClassification

    torch.manual_seed(0)
    config = MobileNetV2Config(
        image_size=_SIZE,
        depth_multiplier=_WIDTH,
        num_labels=10,
        initializer_range=_LARGE,
    )
    built = Built.of(Picked(MobileNetV2ForImageClassification(config)), pictures(_SIZE))
    path = folder / "net.onnx"
    torch.onnx.export(
        built.module, built.inputs, str(path), dynamo=True, external_data=False, verbose=False
    )
    samples = np.random.default_rng(0).standard_normal((8, 3, _SIZE, _SIZE)).astype(np.float32)
    (name,) = _input_names(path)
    options = BuildOptions(
        calibration_data={name: samples},
        evaluation_data={name: samples},
        thresholds=_ANY,
        cache_folder=folder / "cache",
    )
    return Bundle.open(build(path, folder / "net.edgekit", options).path).model


def _input_names(path: Path) -> list[str]:
    import onnx

    return [value.name for value in onnx.load(path).graph.input]


if __name__ == "__main__":
    main()
