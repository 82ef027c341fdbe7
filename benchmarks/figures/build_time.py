"""Time builds against onnx2tf's own int8 command, cold and with other calibration data.

Every round runs, in this order, in fresh processes, imports included: ``onnx2tf -oiqt`` on the
model, and for each engine ``edgekit build`` with an empty cache and again with other
calibration samples. All get the same number of samples. Peak memory is that of the largest
process of each command.

    python benchmarks/figures/build_time.py kws.onnx --samples kws_eval.npz --json OUT
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import numpy as np

from edgekit.converters.engines import ENGINE_NAMES
from edgekit.converters.layout import CHANNELS_LAST_AXES, channels_last_inputs

PEER = "onnx2tf -oiqt"


def main() -> None:
    """Run the rounds, print medians and ratios, and write the raw times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=lambda text: Path(text).absolute())
    parser.add_argument("--samples", type=Path, help=".npz with an array x; random without it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=100, help="calibration samples")
    parser.add_argument("--engines", nargs="+", default=ENGINE_NAMES, choices=ENGINE_NAMES)
    parser.add_argument("--json", type=Path, required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = _measure(arguments, Path(folder))
    report: dict[str, object] = {"model": arguments.model.name, "runs": runs}
    medians = {way: statistics.median(run["seconds"] for run in done) for way, done in runs.items()}
    for way, done in runs.items():
        peak = statistics.median(run["peak_mib"] for run in done)
        ratio = medians[way] / medians[PEER]
        print(
            f"{medians[way]:8.2f} s  {ratio:5.2f} of onnx2tf  {peak:6.0f} MiB  {way} "
            f"(measured, median of {arguments.rounds})"
        )
    report["of_onnx2tf"] = {way: value / medians[PEER] for way, value in medians.items()}
    report["second_of_first"] = {
        engine: medians[_again(engine)] / medians[_first(engine)] for engine in arguments.engines
    }
    for engine, ratio in report["second_of_first"].items():
        print(f"{ratio:8.2f}  second build of the first, {engine} engine")
    arguments.json.write_text(json.dumps(report, indent=1) + "\n")


def _first(engine: str) -> str:
    return f"{engine} engine, first build"


def _again(engine: str) -> str:
    return f"{engine} engine, other calibration data"


def _measure(arguments: argparse.Namespace, folder: Path) -> dict[str, list[dict[str, float]]]:
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
    runs: dict[str, list[dict[str, float]]] = {}
    for number in range(arguments.rounds):
        cache = folder / f"cache{number}"
        commands = {PEER: _peer(arguments.model, name, folder, number)}
        for engine in arguments.engines:
            commands[_first(engine)] = _build(arguments.model, folder, "first.npz", engine)
            commands[_again(engine)] = _build(arguments.model, folder, "second.npz", engine)
        for way, command in commands.items():
            runs.setdefault(way, []).append(_time(command, folder, cache))
    return runs


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


def _build(model: Path, folder: Path, calibration: str, engine: str) -> list[str]:
    return [
        str(Path(sysconfig.get_path("scripts"), "edgekit")),
        *("build", str(model), "-o", str(folder / "out.edgekit"), "--quiet"),
        *("--calibration-data", str(folder / calibration)),
        *("--evaluation-data", str(folder / "evaluation.npz")),
        *("--min-sqnr", "-100", "--min-cosine", "-1", "--engine", engine),
    ]


def _time(command: list[str], folder: Path, cache: Path) -> dict[str, float]:
    environment = {
        **os.environ,
        "EDGEKIT_CACHE_DIR": str(cache),
        "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}",
    }
    with (folder / "output").open("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{' '.join(command)}\n{output.read()[-4000:]}")
    return {"seconds": elapsed, "peak_mib": usage.ru_maxrss / 1024}


if __name__ == "__main__":
    main()
