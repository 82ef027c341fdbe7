"""What edgekit.runtime costs over a bare interpreter, on one bundle.

    python benchmarks/figures/runtime_overhead.py kws.edgekit --json OUT

Four ways to run the same model, in one process, in blocks whose order is drawn anew for every
round, so that a machine that gets slower meanwhile slows all of them:

    bare loop       copy the input into the tensor's view, invoke, copy the output out
    bare invoke     only invoke
    run_into        Model.run_into on raw arrays
    call            Model.__call__ on floats, where the inputs are quantized

The interpreters are made anew several times, because where their memory happens to lie moves
a latency by some per cent: the range of the ratio over these repeats says how much.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks import Inputs, Measurement, Provenance, capture_environment, random_inputs
from edgekit.benchmarks.statistics import mad, median
from edgekit.bundle import Bundle, TensorSpec
from edgekit.files import atomic_write
from edgekit.runtime import Kernels, Model, dequantize, open_interpreter

BASE = "bare loop"
WARM_UP_RUNS = 50


@dataclass(frozen=True)
class Way:
    """One way to run the model: a name, and a function that runs it once."""

    name: str
    run: Callable[[], object]


def bare_ways(bundle: Bundle, raw: Inputs, options: argparse.Namespace) -> list[Way]:
    """Return the ways that use nothing of edgekit's runtime but to open the interpreter."""
    interpreter, _ = open_interpreter(
        bundle.model, threads=options.threads, kernels=options.kernels
    )
    inputs = [
        (interpreter.tensor(detail["index"]), raw[detail["name"]])
        for detail in interpreter.get_input_details()
    ]
    outputs = [
        (interpreter.tensor(detail["index"]), np.empty(detail["shape"], detail["dtype"]))
        for detail in interpreter.get_output_details()
    ]
    invoke = interpreter.invoke

    def loop() -> None:
        for view, array in inputs:
            view()[...] = array
        invoke()
        for view, array in outputs:
            array[...] = view()

    loop()  # bare invoke then runs on the same input
    return [Way(BASE, loop), Way("bare invoke", invoke)]


def model_ways(model: Model, raw: Inputs) -> list[Way]:
    """Return the ways that a user of edgekit's runtime has."""
    natural = {spec.name: real(spec, raw[spec.name]) for spec in model.inputs}
    outputs = {spec.name: np.empty(spec.shape, spec.dtype) for spec in model.outputs}
    given, results = alone(raw), alone(outputs)
    return [
        Way("run_into", lambda: model.run_into(given, results)),
        Way("call", lambda: model(natural)),
    ]


def alone(arrays: Inputs) -> Inputs | NDArray[Any]:
    """Return one array by itself, as one would give it, and several by name."""
    return next(iter(arrays.values())) if len(arrays) == 1 else arrays


def real(spec: TensorSpec, raw: NDArray[Any]) -> NDArray[Any]:
    """Return the values that stand behind raw ones."""
    return raw if spec.scale is None else dequantize(raw, spec.scale, spec.zero_point or 0)


def measure(
    ways: list[Way], options: argparse.Namespace, generator: np.random.Generator
) -> dict[str, list[float]]:
    """Return latencies in microseconds by way, in the order they ran."""
    samples: dict[str, list[float]] = {way.name: [] for way in ways}
    for way in ways:
        for _ in range(WARM_UP_RUNS):
            way.run()
    for _ in range(options.rounds):
        for index in generator.permutation(len(ways)):
            run, times = ways[index].run, samples[ways[index].name]
            for _ in range(options.block):
                start = perf_counter_ns()
                run()
                times.append((perf_counter_ns() - start) / 1e3)
    return samples


def arguments() -> argparse.Namespace:
    """Return what the user asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--json", type=Path, help="where to write all samples and figures")
    parser.add_argument("--repeats", type=int, default=5, help="new interpreters so many times")
    parser.add_argument("--rounds", type=int, default=100, help="blocks of each way in a repeat")
    parser.add_argument("--block", type=int, default=20, help="runs in a block")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--kernels", type=Kernels, choices=list(Kernels), default=Kernels.DEFAULT)
    parser.add_argument("--seed", type=int, default=0, help="of the input and of the order")
    return parser.parse_args()


def main() -> None:
    """Measure, print a table, and write the JSON."""
    options = arguments()
    bundle = Bundle.open(options.bundle)
    raw = random_inputs(bundle.manifest.inputs, seed=options.seed)[0]
    generator = np.random.default_rng(options.seed)
    repeats = []
    for _ in range(options.repeats):
        with Model(bundle, threads=options.threads, kernels=options.kernels) as model:
            ways = [*bare_ways(bundle, raw, options), *model_ways(model, raw)]
            repeats.append(measure(ways, options, generator))
            environment = capture_environment(model.backend)
    figures = {name: figure(name, repeats) for name in repeats[0]}
    print(f"{bundle.manifest.name} on {environment.cpu_model}, {model.backend}")
    print(f"{'':12} {'median':>24} {'MAD':>8}   ratio to {BASE} (range over repeats)")
    for name, row in figures.items():
        low, high = row["ratio_range"]
        latency = Measurement.from_json(row["latency"])
        print(
            f"{name:12} {latency:24.2f} {row['mad_us']:8.2f}   "
            f"{row['ratio']:.4f} ({low:.4f} to {high:.4f})"
        )
    if options.json:
        content = {
            "model": bundle.manifest.name,
            "environment": environment.to_json(),
            "options": {name: str(value) for name, value in vars(options).items()},
            "figures": figures,
            "samples_us": repeats,
        }
        atomic_write(options.json, json.dumps(content) + "\n")


def figure(name: str, repeats: list[dict[str, list[float]]]) -> dict[str, Any]:
    """Return the median, its spread, and the ratio to the bare loop, for one way."""
    samples = [sample for repeat in repeats for sample in repeat[name]]
    base = [sample for repeat in repeats for sample in repeat[BASE]]
    ratios = [median(repeat[name]) / median(repeat[BASE]) for repeat in repeats]
    method = f"median of {len(samples)} runs, ways interleaved in random order"
    return {
        "latency": Measurement(median(samples), "us", Provenance.MEASURED, method).to_json(),
        "mad_us": mad(samples),
        "ratio": median(samples) / median(base),
        "ratio_range": [min(ratios), max(ratios)],
    }


if __name__ == "__main__":
    main()
