"""Climb the whole accuracy ladder on MLPerf Tiny networks, and show what each rung gains.

Needs the folder of test data (``EDGEKIT_TEST_DATA``) with ``kws_dscnn.onnx``,
``ic_resnet8.onnx`` and ``kws_eval.npz``. KWS calibrates on the first 100 samples and is scored on
the other 900; for ResNet-8 there are no labelled samples, so it gets the pictures of
`tiny_inputs.py` and its figure is the SQNR. The budget cannot be met, so that every rung is
climbed.

    python benchmarks/figures/accuracy_ladder.py --json OUT
"""

import argparse
import json
import os
import tempfile
from pathlib import Path

import numpy as np
from tiny_inputs import pictures

from edgekit.converters.accuracy import Bench, Climb, Judge, climb
from edgekit.converters.cache import Cache
from edgekit.converters.calibration import InputSpec, SampleSet
from edgekit.converters.engines.own_engine import OwnEngine, plain_recipe
from edgekit.converters.parity import Thresholds
from edgekit.converters.request import QuantizationRequest
from edgekit.converters.sources import open_source

CALIBRATING = 100


def main() -> None:
    """Climb for each network; print its rungs and write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, required=True)
    arguments = parser.parse_args()
    data = Path(os.environ.get("EDGEKIT_TEST_DATA", "../shared/data"))
    with np.load(data / "kws_eval.npz") as archive:
        words, labels = archive["x"], archive["y"]
    climbs = {
        "kws_dscnn": climbed(data / "kws_dscnn.onnx", words, labels),
        "ic_resnet8": climbed(data / "ic_resnet8.onnx", pictures(200), None),
    }
    for name, result in climbs.items():
        show(name, result)
    rows = {name: result.to_json() for name, result in climbs.items()}
    arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


def climbed(path: Path, samples: np.ndarray, labels: np.ndarray | None) -> Climb:
    """Climb every rung."""
    source = open_source(path)
    (given,) = source.inputs
    arrays = samples.reshape(-1, *given.shape)
    specs = (InputSpec(given.name, given.dtype, given.shape),)
    parts = arrays[:CALIBRATING], arrays[CALIBRATING:]
    calibration, evaluation = (
        SampleSet.from_arrays({given.name: part}, specs, declarations={}) for part in parts
    )
    if labels is not None:
        evaluation = evaluation.with_labels(labels[CALIBRATING:].astype(np.int64), ())
    unreachable = Thresholds(max_drop=-100.0, min_sqnr_db=200.0)
    with tempfile.TemporaryDirectory() as scratch:
        cache = Cache(Path(scratch) / "cache")
        with OwnEngine(cache, Path(scratch) / "log") as engine:
            lowered = engine.lower(source)
        recipe = plain_recipe(lowered, QuantizationRequest(), calibration)
        judge = Judge(source, lowered, evaluation, unreachable)
        return climb(recipe, Bench(lowered, calibration, cache), judge)


def show(name: str, result: Climb) -> None:
    """Print two lines for each rung."""
    print(
        f"{name}\n  {'rung':22}{'top-1 %':>8}{'SQNR dB':>9}{'bytes':>9}{'int16 MACs':>12}  outcome"
    )
    for rung in result.rungs:
        metric = "" if rung.metric is None else f"{rung.metric:.2f}"
        noise = "" if rung.sqnr_db is None else f"{rung.sqnr_db:.1f}"
        size, wide = (rung.cost.model_bytes, rung.cost.int16_macs) if rung.cost else ("", "")
        print(f"  {rung.name:22}{metric:>8}{noise:>9}{size:>9}{wide:>12}  {rung.outcome}")
        print(f"    {rung.seconds:.1f} s, {rung.remark}")


if __name__ == "__main__":
    main()
