"""From a CNN trained in torch to a proven int8 bundle for a phone, a Pi and a microcontroller.

    python examples/digits/demo.py

Trains on scikit-learn's handwritten digits, prunes three quarters of the weights away, builds
the bundle, checks it, runs it and measures it on this machine, packs it as C for the
microcontroller, and runs that on an emulated one where compiler and emulator are installed. What
it writes lies in demo-output: the bundle, report.md with a picture, report.html with everything,
the C library, the benchmark's raw samples, and the ONNX model and samples for going on with the
command line.
"""

import argparse
import logging
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import data
import figures
import network
import numpy as np
import torch
from firmware import DEVICE, pack_and_emulate
from numpy.typing import NDArray
from picture import Evidence, draw
from report import write_report
from rich.console import Console
from weights import compare_weights

import edgekit
from edgekit import reporting
from edgekit.benchmarks import BenchmarkOptions, BenchmarkResult, Inputs, benchmark
from edgekit.files import atomic_write
from edgekit.progress import Stage
from edgekit.runtime import Model
from edgekit.runtime.inputs import encode

DEVICES = ("pixel-8", "raspberry-pi-4b", DEVICE)
CALIBRATION_SAMPLES = 256
CLASS_NAMES = tuple("0123456789")
STEPS = 8


class Steps:
    """Says on standard error what is being done; also the progress of a build."""

    def __init__(self) -> None:
        width = None if sys.stderr.isatty() else 120
        self._console = Console(stderr=True, highlight=False, width=width)
        self._number = 0
        self._started = perf_counter()

    def begin(self, text: str) -> None:
        """Announce the next step."""
        self._number += 1
        elapsed = perf_counter() - self._started
        self._console.print(f"[bold][{self._number}/{STEPS}][/] {text} [dim]({elapsed:.0f} s)[/]")

    def say(self, text: str) -> None:
        """Say what came of a step."""
        self._console.print(f"      {text}", markup=False)

    def stage(self, stage: Stage) -> None:
        """Show a stage of a build."""
        self.say(f"- {stage}")

    def advance(self, done: int, total: int) -> None:
        """Show nothing of the samples that parity is proved on: they take a moment."""

    def step(self, name: str) -> None:
        """Show a part of a stage."""
        self.say(f"  - {name}")

    def notice(self, text: str) -> None:
        """Show what a build decided."""
        self.say(f"note: {text}")

    def warn(self, text: str) -> None:
        """Show what a build warns of."""
        self.say(f"WARNING: {text}")


@dataclass(frozen=True, slots=True)
class Trained:
    """The pruned network and what it scores on the held-out digits, in percent."""

    network: network.DigitNet
    dense: float
    pruned: float


def train_and_prune(digits: data.Digits, options: argparse.Namespace, steps: Steps) -> Trained:
    """Train, prune, and train on with the zeros held."""
    torch.set_num_threads(1)  # so small a network gains nothing from more
    torch.manual_seed(options.seed)
    net = network.DigitNet()

    def told(epoch: int, loss: float) -> None:
        if epoch == 1 or epoch % 5 == 0:
            steps.say(f"epoch {epoch:2}: loss {loss:.4f}")

    def fit(epochs: int, rate: float) -> float:
        images, labels = digits.train_images, digits.train_labels
        network.train(net, images, labels, epochs=epochs, rate=rate, done=told)
        return network.accuracy(net, digits.held_out_images, digits.held_out_labels)

    steps.begin(f"train a CNN on {len(digits.train_labels):,} digits")
    dense = fit(options.epochs, 3e-3)
    steps.say(f"top-1 {dense:.2f} % on {len(digits.held_out_labels)} held-out digits (measured)")
    steps.begin(f"prune to {options.density:.0%} of the weights, and train on")
    network.mask_smallest(net, options.density)
    pruned = fit(options.fine_tune_epochs, 1e-3)
    network.make_permanent(net)
    steps.say(f"top-1 {pruned:.2f} % (measured)")
    return Trained(net, dense, pruned)


def build_options(digits: data.Digits) -> edgekit.BuildOptions:
    """Calibrate on digits of the training set, prove on those held out."""
    return edgekit.BuildOptions(
        devices=DEVICES,
        calibration_data={"image": digits.train_images[:CALIBRATION_SAMPLES]},
        evaluation_data={"image": digits.held_out_images},
        labels=digits.held_out_labels,
        class_names=CLASS_NAMES,
    )


def export_onnx(net: network.DigitNet, path: Path) -> None:
    """Export as anyone would, without edgekit."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it misses torchvision
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter uses what torch deprecates
        program = torch.onnx.export(
            net,
            (torch.zeros(1, 1, 8, 8),),
            input_names=["image"],
            output_names=["scores"],
            dynamo=True,
            verbose=False,
        )
    program.save(path)


def scores_of(bundle: Path, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Run a bundle on images, one at a time, as a device would."""
    with Model(bundle) as model:
        (name,) = (output.name for output in model.outputs)
        return np.concatenate([model(image, layout="source")[name] for image in images])


def raw_inputs(bundle: Path, images: NDArray[np.float32]) -> list[Inputs]:
    """Return images as the integers that the model takes."""
    (spec,) = edgekit.Bundle.open(bundle).manifest.inputs
    return [{spec.name: encode(spec, image, "source")} for image in images]


def measure(bundle: Path, inputs: Sequence[Inputs], seconds: float) -> BenchmarkResult:
    """Benchmark a bundle on this machine, with real digits as its inputs."""
    options = BenchmarkOptions.quick(window_seconds=seconds / 5)
    return benchmark(bundle, options=options, inputs=inputs)


def save_samples(digits: data.Digits, folder: Path) -> None:
    """Write the samples for going on with the command line."""
    np.savez(folder / "calibration.npz", image=digits.train_images[:CALIBRATION_SAMPLES])
    np.savez(folder / "held-out.npz", image=digits.held_out_images, y=digits.held_out_labels)
    (folder / "classes.txt").write_text("".join(f"{name}\n" for name in CLASS_NAMES))


def run(options: argparse.Namespace) -> None:
    """Go from data to table, picture and report."""
    steps, folder = Steps(), options.output
    folder.mkdir(parents=True, exist_ok=True)
    digits = data.load(options.seed)
    trained = train_and_prune(digits, options, steps)

    steps.begin(f"build for {', '.join(DEVICES)}")
    bundle = folder / "digits.edgekit"
    example = (torch.zeros(1, 1, 8, 8),)
    chosen = build_options(digits)
    result = edgekit.build(trained.network, bundle, chosen, example_inputs=example, progress=steps)
    steps.begin("export to ONNX and build from there")
    export_onnx(trained.network, folder / "digits.onnx")
    from_onnx = folder / "digits-from-onnx.edgekit"
    edgekit.build(folder / "digits.onnx", from_onnx, chosen, progress=steps)
    save_samples(digits, folder)

    steps.begin(f"run both bundles on {len(digits.held_out_labels)} held-out digits")
    scores = scores_of(bundle, digits.held_out_images)
    same = np.all(scores == scores_of(from_onnx, digits.held_out_images), axis=1)
    weights = compare_weights(trained.network, edgekit.Bundle.open(bundle).model)
    steps.begin(f"measure on this machine for {options.benchmark_seconds:g} s")
    inputs = raw_inputs(bundle, digits.held_out_images)
    measured = measure(bundle, inputs, options.benchmark_seconds)
    measured.save(folder / "benchmark.json")
    for reason in measured.unstable_reasons:
        steps.warn(f"the latency may not repeat: {reason}")

    steps.begin(f"pack as C for {DEVICE}, and run it on an emulated one")
    packed = pack_and_emulate(bundle, folder / "firmware", inputs, digits.held_out_labels)
    if packed.missing:
        steps.warn(f"not emulated: {packed.missing}")

    steps.begin("draw the picture and write the reports")
    lines = [
        *figures.torch_figures(trained.dense, trained.pruned, weights, len(scores)),
        *figures.int8_figures(result, weights, int(same.sum())),
        *figures.device_figures(result),
        *figures.host_figures(measured),
        *figures.emulated_figures(packed.emulated),
    ]
    evidence = Evidence(
        digits.held_out_images,
        digits.held_out_labels,
        scores.argmax(1),
        weights,
        result.parity,
        measured,
    )
    draw(evidence, folder / "report.png")
    write_report(folder / "report.md", lines, result, measured)
    emulations = (packed.emulated,) if packed.emulated else ()
    told = reporting.Evidence((measured,), (edgekit.Bundle.open(bundle),), emulations=emulations)
    atomic_write(folder / "report.html", reporting.to_html(reporting.make_report(told)))
    figures.print_table(Console(highlight=False, width=None if sys.stdout.isatty() else 120), lines)
    steps.say(f"written to {folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")


def arguments() -> argparse.Namespace:
    """Return what the user asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=Path("demo-output"), help="where to write")
    parser.add_argument("--epochs", type=int, default=15, help="of training")
    parser.add_argument("--fine-tune-epochs", type=int, default=10, help="after pruning")
    parser.add_argument("--density", type=float, default=0.25, help="share of the weights to keep")
    parser.add_argument("--benchmark-seconds", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    try:
        run(arguments())
    except edgekit.EdgekitError as error:
        sys.exit(f"error: {error}")
