"""Small models that are fitted to data by least squares and built as a user would."""

import numpy as np
import pytest

import edgekit
from edgekit.build_options import BuildOptions


@pytest.fixture(scope="session")
def build_classifier(small_models):
    """Build a classifier of flattened samples, one dense layer, into a bundle."""

    def make(path, samples, classes, labels, **options):
        """Fit ``[count, ...]`` samples to the numbers of their classes."""
        flat = samples.reshape(len(samples), -1).astype(np.float64)
        # A column of ones is the bias; a little of the identity keeps the weights small.
        design = np.hstack([flat, np.ones((len(flat), 1))])
        wanted = 8 * np.eye(len(labels))[classes] - 4
        ridge = design.T @ design + 1e-3 * np.trace(design.T @ design) / len(design.T) * np.eye(
            design.shape[1]
        )
        fitted = np.linalg.solve(ridge, design.T @ wanted).astype(np.float32)
        constants = {"w": fitted[:-1], "b": fitted[-1]}
        nodes = [
            small_models.node("Flatten", "x", "flat"),
            small_models.node("Gemm", "flat w b", "logits"),
            small_models.node("Softmax", "logits", "scores"),
        ]
        if samples.ndim == 4 and "declarations" in options:
            # A convolution that changes nothing: what makes the input a picture.
            constants["one"] = np.ones((1, 1, 1, 1), np.float32)
            nodes[0] = small_models.node("Flatten", "same", "flat")
            nodes.insert(0, small_models.node("Conv", "x one", "same"))
        model = small_models.onnx_model(
            nodes,
            [("x", [1, *samples.shape[1:]])],
            [("scores", [1, len(labels)])],
            constants,
        )
        data = {"x": samples.astype(np.float32)}
        return _build(small_models, path, model, data, class_names=labels, **options)

    return make


@pytest.fixture(scope="session")
def build_autoencoder(small_models):
    """Build an autoencoder of windows, the principal components of normal ones, into a bundle."""

    def make(path, samples, components):
        _, *shape = samples.shape
        flat = samples.reshape(len(samples), -1)
        _, _, rows = np.linalg.svd(flat, full_matrices=False)
        basis = rows[:components].T.astype(np.float32)
        nodes = [
            small_models.node("Flatten", "x", "flat"),
            small_models.node("MatMul", "flat down", "code"),
            small_models.node("MatMul", "code up", "wide"),
            small_models.node("Reshape", "wide shape", "y"),
        ]
        constants = {"down": basis, "up": basis.T.copy(), "shape": np.int64([1, *shape])}
        model = small_models.onnx_model(
            nodes, [("x", [1, *shape])], [("y", [1, *shape])], constants
        )
        return _build(small_models, path, model, {"x": samples.astype(np.float32)})

    return make


def _build(small_models, path, model, data, **options):
    small_models.save(path.with_suffix(".onnx"), model)
    settings = BuildOptions(calibration_data=data, **options)
    return edgekit.build(path.with_suffix(".onnx"), path, settings).path
