"""Time a build against onnx2tf's own int8 command, cold and with other calibration data.

Every round runs, in this order, in fresh processes: ``onnx2tf -oiqt`` on the model,
``edgekit build`` with an empty cache, and ``edgekit build`` again with other calibration
samples. All three get the same number of samples.

    python benchmarks/figures/build_time.py kws.onnx --samples kws_eval.npz --json OUT
"""

import argparse
import json
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import numpy as np

from edgekit.converters.layout import CHANNELS_LAST_AXES, channels_last_inputs

WAYS = ("onnx2tf -oiqt", "edgekit, first build", "edgekit, other calibration data")


def main() -> None:
    """Run the rounds, print medians and ratios, and write the raw times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--samples", type=Path, help=".npz with an array x; random without it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=100, help="calibration samples")
    parser.add_argument("--json", type=Path, required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds = _measure(arguments, Path(folder))
    medians = {way: statistics.median(values) for way, values in seconds.items()}
    for way, value in medians.items():
        print(f"{value:8.2f} s (measured, median of {arguments.rounds})  {way}")
    peer, first, second = (medians[way] for way in WAYS)
    ratios = {"first / onnx2tf": first / peer, "second / first": second / first}
    for name, ratio in ratios.items():
        print(f"{ratio:8.2f}  {name}")
    report = {"model": arguments.model.name, "seconds": seconds, "ratios": ratios}
    arguments.json.write_text(json.dumps(report, indent=1) + "\n")


def _measure(arguments: argparse.Namespace, folder: Path) -> dict[str, list[float]]:
    import onnx

    model = onnx.load(arguments.model)
    name = model.graph.input[0].name
    shape = [dim.dim_value or 1 for dim in model.graph.input[0].type.tensor_type.shape.dim]
    data = _data(arguments, shape)
    count = arguments.count
    np.savez(folder / "first.npz", **{name: data[:count]})
    np.savez(folder / "second.npz", **{name: data[count : 2 * count]})
    np.savez(folder / "evaluation.npz", **{name: data[2 * count :]})
    axes = CHANNELS_LAST_AXES[len(shape)] if channels_last_inputs(model) else range(len(shape))
    np.save(folder / "peer.npy", np.transpose(data[:count], tuple(axes)))
    # onnx2tf's command would download this file for pictures.
    pictures = np.random.default_rng(0).random((20, 128, 128, 3), dtype=np.float32)
    np.save(folder / "calibration_image_sample_data_20x128x128x3_float32.npy", pictures)
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for number in range(arguments.rounds):
        cache = folder / f"cache{number}"
        commands = (
            _peer(arguments.model, name, folder, number),
            _build(arguments.model, folder, "first.npz"),
            _build(arguments.model, folder, "second.npz"),
        )
        for way, command in zip(WAYS, commands, strict=True):
            seconds[way].append(_time(command, folder, cache))
    return seconds


def _data(arguments: argparse.Namespace, shape: list[int]) -> np.ndarray:
    wanted = 2 * arguments.count + 32
    if arguments.samples is None:
        generator = np.random.default_rng(0)
        return generator.standard_normal((wanted, *shape[1:])).astype(np.float32)
    with np.load(arguments.samples) as archive:
        return archive["x"].reshape(-1, *shape[1:])[:wanted]


def _peer(model: Path, name: str, folder: Path, number: int) -> list[str]:
    copy = folder / f"peer{number}.onnx"  # onnx2tf writes its simplified model over the input
    copy.write_bytes(model.read_bytes())
    channels = np.load(folder / "peer.npy", mmap_mode="r").shape[-1]
    mean, std = str([0.0] * channels), str([1.0] * channels)
    return [
        str(Path(sysconfig.get_path("scripts"), "onnx2tf")),
        *("-i", str(copy), "-o", str(folder / f"out{number}"), "-oiqt", "-n"),
        *("-cind", name, str(folder / "peer.npy"), mean, std),
    ]


def _build(model: Path, folder: Path, calibration: str) -> list[str]:
    return [
        str(Path(sysconfig.get_path("scripts"), "edgekit")),
        *("build", str(model), "-o", str(folder / "out.edgekit"), "--quiet"),
        *("--calibration-data", str(folder / calibration)),
        *("--evaluation-data", str(folder / "evaluation.npz")),
        *("--min-sqnr", "-100", "--min-cosine", "-1"),
    ]


def _time(command: list[str], folder: Path, cache: Path) -> float:
    import os

    environment = {
        **os.environ,
        "EDGEKIT_CACHE_DIR": str(cache),
        "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}",
    }
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    elapsed = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return elapsed


if __name__ == "__main__":
    main()
