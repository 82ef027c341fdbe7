"""The child process that quantizes: a frozen graph and samples to an integer TFLite model."""

import gc
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from edgekit.converters.engines.frozen_graph import converter_of
from edgekit.converters.engines.worker_loop import serve


def skip_package_init(name: str) -> None:
    """Make the submodules of a package importable without running the package's own code.

    TensorFlow's loads its whole API (Keras, datasets, distribution), which takes twice as long
    as the converter and its imports; see docs/decisions/0001.
    """
    spec = importlib.util.find_spec(name)
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError(f"no package {name}", name=name)
    module = ModuleType(name)
    module.__path__ = list(spec.submodule_search_locations)
    module.__spec__ = spec
    sys.modules[name] = module


def quantize(arguments: dict[str, Any]) -> dict[str, Any]:
    """``frozen.pb`` and calibration samples -> a quantized ``.tflite``."""
    converter = converter_of(Path(arguments["frozen"]).read_bytes(), arguments)
    configure(converter, arguments)
    Path(arguments["result"]).write_bytes(converter.convert())
    return {}


def configure(converter: Any, arguments: dict[str, Any]) -> None:
    """Say to TensorFlow's converter what integers are asked for."""
    from tensorflow.lite.python.lite import OpsSet, Optimize
    from tensorflow.python.framework import dtypes

    scheme = arguments["scheme"]
    converter.optimizations = [Optimize.DEFAULT]
    per_tensor_dense = not arguments["per_channel_dense"]
    # TensorFlow has no public name for it.
    converter._experimental_disable_per_channel_quantization_for_dense_layers = per_tensor_dense  # noqa: SLF001
    if scheme == "float16":
        converter.target_spec.supported_types = [dtypes.float16]
    if scheme not in ("int8", "int16x8"):
        return
    converter.representative_dataset = lambda: _samples(arguments)
    kernels = {
        "int8": OpsSet.TFLITE_BUILTINS_INT8,
        "int16x8": OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8,
    }[scheme]
    floats = [OpsSet.TFLITE_BUILTINS] if arguments["float_islands"] else []
    converter.target_spec.supported_ops = [kernels, *floats]
    io_type = dtypes.as_dtype(arguments["io"])
    converter.inference_input_type = converter.inference_output_type = io_type


def _samples(arguments: dict[str, Any]) -> Iterator[list[Any]]:
    with np.load(arguments["samples"]) as archive:
        arrays = [archive[f"arr_{index}"] for index in range(len(archive.files))]
    for index in range(len(arrays[0])):
        yield [array[index] for array in arrays]


if __name__ == "__main__":
    skip_package_init("tensorflow")
    gc.disable()  # imports free next to nothing, and looking for it is a tenth of their time
    importlib.import_module("tensorflow.lite.python.lite")  # while the parent reads the source
    gc.freeze()
    gc.enable()
    serve({"quantize": quantize})
