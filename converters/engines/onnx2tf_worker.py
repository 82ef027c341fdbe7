"""The child process that lowers: ONNX through onnx2tf to a frozen graph and float TFLite."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.converters.engines.frozen_graph import converter_of
from edgekit.converters.engines.worker_loop import serve

# onnx2tf downloads this file for pictures unless it lies in the current directory.
_SAMPLE_IMAGES = "calibration_image_sample_data_20x128x128x3_float32.npy"


def lower(arguments: dict[str, Any]) -> dict[str, Any]:
    """ONNX file -> ``frozen.pb`` (a graph that holds its weights) and ``float.tflite``."""
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
    (directory / "float.tflite").write_bytes(converter_of(content, names).convert())
    return names


if __name__ == "__main__":
    os.environ["TF_USE_LEGACY_KERAS"] = "1"  # onnx2tf is written for Keras 2
    serve({"lower": lower})
