"""The child process that holds onnx2tf and TensorFlow: lower a model, quantize a model.

Run as ``python -m edgekit.converters.engines.onnx2tf_worker REPLY_FD``: commands come as JSON
lines on standard input, replies go as JSON lines to the file descriptor.
"""

import json
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

# onnx2tf downloads this file for pictures unless it lies in the current directory.
_SAMPLE_IMAGES = "calibration_image_sample_data_20x128x128x3_float32.npy"


def lower(arguments: dict[str, Any]) -> dict[str, Any]:
    """ONNX file -> ``frozen.pb`` (a graph that holds its weights) and ``float.tflite``."""
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import onnx2tf
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    if not Path(_SAMPLE_IMAGES).exists():
        pictures = np.random.default_rng(0).random((20, 128, 128, 3), dtype=np.float32)
        np.save(_SAMPLE_IMAGES, pictures)
    model = onnx2tf.convert(
        input_onnx_file_path=arguments["onnx"],
        output_folder_path=str(Path.cwd() / "onnx2tf"),
        keep_shape_absolutely_input_names=arguments["keep_axes"] or None,
        disable_model_save=True,
        verbosity="warn",
    )
    signature = [
        tf.TensorSpec(tensor.shape, tensor.dtype, name=f"input_{index}")
        for index, tensor in enumerate(model.inputs)
    ]
    function = tf.function(lambda *tensors: model(tensors), input_signature=signature)
    frozen = convert_variables_to_constants_v2(function.get_concrete_function())
    directory = Path(arguments["directory"])
    content = frozen.graph.as_graph_def().SerializeToString()
    (directory / "frozen.pb").write_bytes(content)
    names = {
        "inputs": [tensor.name for tensor in frozen.inputs],
        "outputs": [tensor.name for tensor in frozen.outputs],
    }
    (directory / "float.tflite").write_bytes(converter_of(content, names, tf).convert())
    return names


def quantize(arguments: dict[str, Any]) -> dict[str, Any]:
    """``frozen.pb`` and calibration samples -> a quantized ``.tflite``."""
    import tensorflow as tf

    converter = converter_of(Path(arguments["frozen"]).read_bytes(), arguments, tf)
    configure(converter, arguments, tf)
    Path(arguments["result"]).write_bytes(converter.convert())
    return {}


def converter_of(content: bytes, names: dict[str, Any], tf: Any) -> Any:
    """Return TensorFlow's converter over a frozen graph; tensors are named alike each time."""
    graph = tf.compat.v1.GraphDef()
    graph.ParseFromString(content)
    wrapped = tf.compat.v1.wrap_function(lambda: tf.compat.v1.import_graph_def(graph, name=""), [])
    function = wrapped.prune(names["inputs"], names["outputs"])
    return tf.lite.TFLiteConverter.from_concrete_functions([function])


def configure(converter: Any, arguments: dict[str, Any], tf: Any) -> None:
    """Say to TensorFlow's converter what integers are asked for."""
    scheme, lite = arguments["scheme"], tf.lite
    converter.optimizations = [lite.Optimize.DEFAULT]
    per_tensor_dense = not arguments["per_channel_dense"]
    # TensorFlow has no public name for it.
    converter._experimental_disable_per_channel_quantization_for_dense_layers = per_tensor_dense  # noqa: SLF001
    if scheme == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if scheme not in ("int8", "int16x8"):
        return
    converter.representative_dataset = lambda: _samples(arguments)
    kernels = {
        "int8": lite.OpsSet.TFLITE_BUILTINS_INT8,
        "int16x8": lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8,
    }[scheme]
    floats = [lite.OpsSet.TFLITE_BUILTINS] if arguments["float_islands"] else []
    converter.target_spec.supported_ops = [kernels, *floats]
    io_type = tf.dtypes.as_dtype(arguments["io"])
    converter.inference_input_type = converter.inference_output_type = io_type


def _samples(arguments: dict[str, Any]) -> Iterator[list[Any]]:
    with np.load(arguments["samples"]) as archive:
        arrays = [archive[f"arr_{index}"] for index in range(len(archive.files))]
    for index in range(len(arrays[0])):
        yield [array[index] for array in arrays]


def main() -> None:
    """Serve commands until the input closes."""
    replies = os.fdopen(int(sys.argv[1]), "w")
    import tensorflow as tf  # noqa: F401 - loaded while the parent still reads the source

    commands = {"lower": lower, "quantize": quantize}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = commands[request["command"]](request)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - onnx2tf leaves by sys.exit
            traceback.print_exc()
            reply = describe(error)
        print(json.dumps(reply), file=replies, flush=True)


def describe(error: BaseException) -> dict[str, Any]:
    """Return an error as a reply: its first line, and the lines that name operators."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    named = [line for line in lines[1:] if "tf." in line or "op" in line.lower()]
    first = lines[0] if lines else type(error).__name__
    return {"error": f"{type(error).__name__}: {first}"[:400], "details": named[:10]}


if __name__ == "__main__":
    main()
