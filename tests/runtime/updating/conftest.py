"""Two versions of a model with golden inputs, a store, and keys."""

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edgekit.runtime.updating import ModelStore, add_golden

SAMPLES = [{"x": np.full((1, 2, 3), value, np.float32)} for value in (0.5, -2.0)]


def made(folder, tflite_models, name, factor, **shape):
    """Make a signed-off bundle of ``twice = factor * x``, where factor is 2 or 1."""
    schema, spec = tflite_models.schema, tflite_models.spec
    size = shape.get("shape", (1, 2, 3))
    build = tflite_models.Builder()
    x = build.tensor("x", size, "float32")
    other = x if factor == 2 else build.tensor("zero", size, "float32", data=np.zeros(size))
    out = build.tensor("twice", size, "float32")
    build.op("ADD", [x, other], [out], schema.AddOptionsT())
    build.inputs, build.outputs = [x], [out]
    specs = [spec("x", "float32", size)], [spec("twice", "float32", size)]
    plain = tflite_models.bundle(folder / f"plain-{name}", build.build(), *specs)
    samples = [{"x": np.resize(each["x"], size)} for each in SAMPLES]
    return add_golden(plain, folder / name, samples, tolerance=1e-6).path


@pytest.fixture(scope="session")
def bundles(tmp_path_factory, tflite_models):
    """Paths of version a (twice the input), b (the input), and one of another shape."""
    folder = tmp_path_factory.mktemp("bundles")
    return {
        "a": made(folder, tflite_models, "a.edgekit", 2),
        "b": made(folder, tflite_models, "b.edgekit", 1),
        "wide": made(folder, tflite_models, "wide.edgekit", 2, shape=(1, 2, 4)),
        "plain": folder / "plain-a.edgekit",
    }


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "store")


@pytest.fixture(scope="session")
def key():
    return Ed25519PrivateKey.generate()


@pytest.fixture
def public_key(tmp_path, key):
    """The PEM file of the key."""
    path = tmp_path / "public.pem"
    path.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path
