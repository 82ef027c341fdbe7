"""The demo's picture: predictions, confusions, weights, parity by layer, and latency."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from numpy.typing import NDArray
from weights import LayerWeights

from edgekit.benchmarks import BenchmarkResult
from edgekit.benchmarks.statistics import median, p90, p99
from edgekit.converters.parity import ParityReport

BLUE, ORANGE, RED, GREY = "#2f6db2", "#e58a1f", "#c03434", "#8a8f98"
SHOWN = 24  # digits
BELOW = {
    "loc": "upper left",
    "bbox_to_anchor": (-0.02, -0.14),
    "ncols": 2,
    "frameon": False,
    "handlelength": 1.2,
    "columnspacing": 1.2,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is drawn.

    Attributes:
        images: Held-out digits, ``[count, 1, 8, 8]``.
        labels: The digit in each.
        found: What the int8 model takes each for.
        weights: By layer.
        parity: Of the int8 model.
        latency: Measured on this machine.
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int64]
    found: NDArray[np.int64]
    weights: Sequence[LayerWeights]
    parity: ParityReport
    latency: BenchmarkResult


def draw(evidence: Evidence, path: Path) -> None:
    """Write the picture as PNG."""
    style = {
        "font.size": 10,
        "axes.titlesize": 11,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with mpl.rc_context(style):
        figure = Figure(figsize=(13, 9), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)
        top, bottom = figure.subfigures(2, 1, height_ratios=(1.1, 1), hspace=0.06)
        digits, confusions = top.subfigures(1, 2, width_ratios=(1.35, 1), wspace=0.04)
        _digits(digits, evidence)
        _confusions(confusions.subplots(), evidence)
        weights, layers, latency = bottom.subplots(1, 3, width_ratios=(1, 1, 1.2))
        _weights(weights, evidence.weights)
        _layers(layers, evidence.parity)
        _latency(latency, evidence.latency)
        figure.savefig(path, dpi=110)


def _digits(figure: SubFigure, evidence: Evidence) -> None:
    """Show the mistakes first, then others."""
    wrong = np.flatnonzero(evidence.found != evidence.labels)
    right = np.flatnonzero(evidence.found == evidence.labels)
    chosen = [*wrong[: SHOWN // 2], *right][:SHOWN]
    count = len(evidence.labels)
    figure.suptitle(
        f"Held-out digits and what the int8 model reads: {len(wrong)} of {count} wrong (measured)",
        fontsize=11,
        fontweight="bold",
        x=0.01,
        horizontalalignment="left",
    )
    for axes, index in zip(figure.subplots(3, SHOWN // 3).flat, chosen, strict=True):
        found, label = evidence.found[index], evidence.labels[index]
        axes.imshow(evidence.images[index, 0], cmap="Greys", interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        text, colour = (f"{found}", "black") if found == label else (f"{found}, is {label}", RED)
        axes.set_title(text, color=colour, loc="center", fontsize=11)


def _confusions(axes: Axes, evidence: Evidence) -> None:
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (evidence.labels, evidence.found), 1)
    axes.imshow(counts, cmap="Blues", vmax=counts.max() * 1.2)
    for label, found in zip(*np.nonzero(counts), strict=True):
        colour = "white" if label == found else RED
        axes.text(found, label, counts[label, found], ha="center", va="center", color=colour)
    axes.set(
        xticks=range(10),
        yticks=range(10),
        xlabel="int8 model reads",
        ylabel="digit",
        title="Confusions (measured)",
    )
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _weights(axes: Axes, layers: Sequence[LayerWeights]) -> None:
    places = np.arange(len(layers))
    for offset, name, colour, values in (
        (-0.2, "torch, pruned", GREY, [layer.nonzero for layer in layers]),
        (0.2, "int8 model", BLUE, [layer.int8_nonzero for layer in layers]),
    ):
        shares = [100 * value / layer.count for value, layer in zip(values, layers, strict=True)]
        bars = axes.barh(places + offset, shares, 0.38, label=name, color=colour)
        axes.bar_label(bars, [f"{share:.1f}" for share in shares], padding=3, fontsize=9)
    names = [f"{layer.layer}\n{layer.count:,} weights" for layer in layers]
    axes.set(yticks=places, yticklabels=names, xlim=(0, 115), xlabel="weights not zero, %")
    axes.set_title("Density of each layer (measured)")
    axes.invert_yaxis()
    axes.legend(**BELOW)


def _layers(axes: Axes, parity: ParityReport) -> None:
    layers = parity.worst_layers[:6]
    values = [layer.final_model.decibels for layer in layers]
    places = range(len(layers))
    bars = axes.barh(places, values, 0.6, color=BLUE)
    axes.bar_label(bars, [f"{value:.1f}" for value in values], padding=3, fontsize=9)
    axes.set(
        yticks=places,
        yticklabels=[f"{layer.operator}\n{layer.origin}" for layer in layers],
        xlim=(0, 1.15 * max(values)),
        xlabel=f"int8 against the source, SQNR in dB ({parity.layer_samples} digits)",
    )
    axes.set_title("Parity of each layer (measured)")
    axes.invert_yaxis()


def _latency(axes: Axes, result: BenchmarkResult) -> None:
    samples = np.array(result.samples_us)
    middle, ninety, end = median(samples), p90(samples), p99(samples)
    axes.hist(samples[samples <= end], bins=60, color=BLUE)
    for value, name, colour in ((middle, "median", ORANGE), (ninety, "90 % below", RED)):
        axes.axvline(value, color=colour, linewidth=1.5, label=f"{name}: {value:.1f} µs")
    axes.set(
        xlabel="µs for one inference (slowest 1 % left out)",
        ylabel="inferences",
        title=f"Latency, this machine ({result.provenance})",
    )
    axes.legend(**BELOW)
