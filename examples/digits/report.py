"""The demo's report in Markdown: the figures, the picture, and how to repeat it."""

from collections.abc import Sequence
from pathlib import Path

from figures import Figure, markdown_table

from edgekit import BuildResult
from edgekit.benchmarks import BenchmarkResult
from edgekit.files import atomic_write

REPORT = """\
# Handwritten digits: from torch to three devices

A CNN was trained on scikit-learn's handwritten digits, pruned, and built into `{bundle}`: {scheme},
calibrated on {calibrated} digits of the training set. Everything below that speaks of accuracy was
scored on {held_out} digits that neither training nor calibration saw.

{table}

The C library is in `firmware`; [report.html](report.html) has all of it with charts.

![Predictions, confusions, density and parity of each layer, and latency](report.png)

*Measured* figures were observed in this run, *emulated* ones counted on an emulated board.
*Estimated* ones were computed from the model and
the device's profile: of memory they are lower bounds, so "fits" may still be tight, and "does
not fit" is certain.

## Where it ran

{environment}

## Going on from here

    edgekit inspect {folder}/digits.edgekit
    edgekit run {folder}/digits.edgekit -i {folder}/held-out.npz --index 7 --layout source
    edgekit benchmark {folder}/digits.edgekit --inputs {folder}/held-out.npz --layout source
    edgekit benchmark {folder}/digits.edgekit --on emulator -d nucleo-l4r5zi \\
        --inputs {folder}/held-out.npz --labels {folder}/held-out.npz --layout source
    edgekit build {folder}/digits.onnx -d nucleo-l4r5zi -o again.edgekit \\
        --calibration-data {folder}/calibration.npz --evaluation-data {folder}/held-out.npz \\
        --labels {folder}/held-out.npz --class-names {folder}/classes.txt
"""


def write_report(
    path: Path, figures: Sequence[Figure], result: BuildResult, measured: BenchmarkResult
) -> None:
    """Write the report beside its picture."""
    environment = measured.environment
    loads = [state.load_average for state in measured.states if state.load_average is not None]
    load = f"{loads[0]:.1f}" if loads else "unknown"
    facts = {
        "processor": f"{environment.cpu_model}, {environment.logical_cores} hardware threads",
        "frequency governor": environment.governor or "unknown",
        "load when measured": load,
        "virtualisation": environment.virtualization or "none seen",
        "system": environment.os,
        "software": f"{environment.python}, NumPy {environment.numpy}",
        "interpreter": f"{environment.interpreter} {environment.interpreter_version}, "
        f"{environment.kernels} kernels, threads: {environment.threads}",
        "engine": result.manifest.engine,
    }
    for reason in measured.unstable_reasons:
        facts["the latency may not repeat"] = reason
    text = REPORT.format(
        bundle=result.path.name,
        scheme=result.manifest.scheme,
        calibrated=result.plan.calibration_samples,
        held_out=result.parity.samples,
        table=markdown_table(figures),
        environment="\n".join(f"- {name}: {value}" for name, value in facts.items()),
        folder=path.parent,
    )
    atomic_write(path, text)
