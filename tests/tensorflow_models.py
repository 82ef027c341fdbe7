"""Float models as TensorFlow's converter writes them, made in a process of their own.

Run as ``python tensorflow_models.py FOLDER``: writes ``net.tflite`` (open batch, a shape that is
computed, fused and unfused activations), ``half.tflite`` (the same with float16 weights),
``dynamic.tflite`` (the same with int8 weights), ``open.tflite`` (any height and width) and
``loop.tflite`` (a loop that runs until a value is reached).
"""

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf


def weights(*shape, seed):
    """Return seeded float32 weights, small enough for a few layers."""
    return tf.constant((np.random.default_rng(seed).standard_normal(shape) / 3).astype("f4"))


@tf.function
def network(picture):
    """Pictures [n,8,8,3] to four classes."""
    hidden = tf.nn.relu6(tf.nn.conv2d(picture, weights(3, 3, 3, 8, seed=1), 2, "SAME") + 0.1)
    hidden = tf.nn.depthwise_conv2d(hidden, weights(3, 3, 8, 1, seed=2), [1] * 4, "SAME")
    hidden = hidden * tf.sigmoid(hidden)
    rows = tf.shape(hidden)[0] * 4
    flat = tf.reshape(hidden, [rows, 32])
    mixed = tf.reshape(tf.tanh(flat @ weights(32, 40, seed=3)), [-1, 160])
    return {"scores": tf.nn.softmax(mixed @ weights(160, 4, seed=4))}


@tf.function
def pooled(picture):
    """Pictures of any size to four figures."""
    hidden = tf.nn.relu(tf.nn.conv2d(picture, weights(3, 3, 3, 8, seed=1), 2, "VALID"))
    return tf.reduce_mean(hidden, [1, 2]) @ weights(8, 4, seed=5)


@tf.function
def doubled(x):
    """Double a vector until its sum is large."""
    return tf.while_loop(lambda y: tf.reduce_sum(y) < 10.0, lambda y: (y * 2.0,), (x,))


def write(path, function, shape, *, types=(), optimize=False):
    """Convert a function of one float tensor."""
    concrete = function.get_concrete_function(tf.TensorSpec(shape, tf.float32))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], function)
    converter.optimizations = [tf.lite.Optimize.DEFAULT] if optimize else []
    converter.target_spec.supported_types = list(types)
    path.write_bytes(converter.convert())


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    write(folder / "net.tflite", network, [None, 8, 8, 3])
    write(folder / "half.tflite", network, [None, 8, 8, 3], types=[tf.float16], optimize=True)
    write(folder / "dynamic.tflite", network, [None, 8, 8, 3], optimize=True)
    write(folder / "open.tflite", pooled, [1, None, None, 3])
    write(folder / "loop.tflite", doubled, [4])
