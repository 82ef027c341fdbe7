"""Quantize a float model with litert-quantizer's static recipe, for `trained_grids.py`.

It runs in an environment of its own, without edgekit.
"""

import contextlib
import io
import sys
from pathlib import Path

import numpy as np


def main(folder: Path) -> None:
    """Calibrate on ``samples.npy`` and write ``peer.tflite``."""
    from ai_edge_litert.interpreter import Interpreter
    from litert_quantizer import quantizer, recipe

    content = (folder / "float.tflite").read_bytes()
    model = Interpreter(model_content=content)
    name = next(iter(model.get_signature_list()))
    (given,) = model.get_signature_runner(name).get_input_details().items()
    samples = np.load(folder / "samples.npy")
    shape = tuple(given[1]["shape"])
    if samples.shape[1:] != shape:  # channels last
        samples = np.moveaxis(samples, 2, -1)
    samples = samples.reshape(len(samples), *shape)
    with contextlib.redirect_stdout(io.StringIO()):
        quantizing = quantizer.Quantizer(content, recipe.static_wi8_ai8())
        ranges = quantizing.calibrate({name: [{given[0]: item} for item in samples]}, num_threads=1)
        made = quantizing.quantize(ranges, enable_progress_report=False).quantized_model
    (folder / "peer.tflite").write_bytes(bytes(made))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
