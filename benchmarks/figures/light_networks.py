"""Build the nine networks that the onnx package ships (``light_*.onnx``) to full-integer int8.

Their weights are synthetic, so parity is against onnxruntime on smooth seeded pictures, and
says how faithful the integers are, not how accurate the network is. Most of them give every
class the same probability, 0.001, which is less than half a step of an int8 softmax (1/256):
their output SQNR is 0 dB, and the inner layers tell more.

    python benchmarks/figures/light_networks.py --json OUT
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from edgekit.build_options import BuildOptions
from edgekit.building import build
from edgekit.converters.engines import ENGINE_NAMES
from edgekit.converters.parity import Thresholds
from edgekit.errors import EdgekitError

ANY = Thresholds(min_sqnr_db=-1000.0, min_cosine=-1.0)


def main() -> None:
    """Build each network, print a line for it, and write all figures."""
    import onnx

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--only", default="", help="part of a network's name")
    parser.add_argument("--engine", default=BuildOptions().engine, choices=ENGINE_NAMES)
    arguments = parser.parse_args()
    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    rows = []
    for path in sorted(p for p in folder.glob("light_*.onnx") if arguments.only in p.stem):
        row = _row(path, arguments.engine)
        rows.append(row)
        print(json.dumps(row), flush=True)
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    built = sum("error" not in row for row in rows)
    print(f"{built} of {len(rows)} built")


def pictures(count: int, seed: int) -> np.ndarray:
    """Return smooth seeded pictures ``[count, 3, 224, 224]``, zero mean, unit variance."""
    generator = np.random.default_rng(seed)
    coarse = generator.standard_normal((count, 3, 14, 14))
    smooth = np.kron(coarse, np.ones((16, 16)))
    fine = 0.2 * generator.standard_normal((count, 3, 224, 224))
    return (smooth + fine).astype(np.float32)


def _row(path: Path, engine: str) -> dict[str, object]:
    import onnx

    model = onnx.load(path)
    initial = {tensor.name for tensor in model.graph.initializer}
    (name,) = [value.name for value in model.graph.input if value.name not in initial]
    start = time.perf_counter()
    row: dict[str, object] = {"network": path.stem, "engine": engine, "provenance": "measured"}
    with tempfile.TemporaryDirectory() as scratch:
        options = BuildOptions(
            devices=("pixel-8",),
            calibration_data={name: pictures(32, seed=0)},
            evaluation_data={name: pictures(8, seed=1)},
            thresholds=ANY,
            engine=engine,
            cache_folder=Path(scratch) / "cache",
        )
        try:
            result = build(path, Path(scratch) / "light.edgekit", options)
        except EdgekitError as error:
            row["error"] = f"{type(error).__name__}: {error.message}"
            row["details"] = list(error.details[:5])
        else:
            (output,) = result.parity.outputs
            # None: equal to the last bit.
            row["float_sqnr_db"] = output.float_model.sqnr_db
            row["int8_sqnr_db"] = output.final_model.sqnr_db
            row["worst_layers_db"] = [
                item.final_model.sqnr_db for item in result.parity.worst_layers
            ]
            row["bundle_bytes"] = result.path.stat().st_size
            row["waived"] = len(result.waived)
    row["seconds"] = round(time.perf_counter() - start, 1)
    return row


if __name__ == "__main__":
    main()
