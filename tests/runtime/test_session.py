"""A session binds a manifest to its model by name and refuses any difference."""

from dataclasses import replace

import numpy as np
import pytest

from edgekit.bundle import Bundle, ImagePreprocessing, write_bundle
from edgekit.runtime import InterfaceError, InterpreterError, Kernels
from edgekit.runtime.session import Session


def session(bundle):
    return Session(bundle, threads=1, kernels=Kernels.DEFAULT, backend=None)


@pytest.fixture
def pair(tmp_path, tflite_models):
    return tflite_models.pair_bundle(tmp_path / "pair.edgekit")


def changed(bundle, **changes):
    """Write the bundle again with changes to its first input (or ``outputs`` as given)."""
    manifest = bundle.manifest
    if "outputs" in changes:
        manifest = replace(manifest, outputs=changes["outputs"])
    else:
        first = replace(manifest.inputs[0], **changes)
        manifest = replace(manifest, inputs=(first, *manifest.inputs[1:]))
    path = bundle.path.with_name("changed.edgekit")
    write_bundle(path, manifest, {"model.tflite": bundle.model})
    return Bundle.open(path)


def test_arrays_come_and_go_in_the_manifests_order_by_name(pair):
    # Only one of the inputs is far from its zero point, so that mixing them up shows.
    a = np.array([[5, 15, 25, -95]], np.int8)  # 0, 1, 2, -10
    b = np.full((1, 4), 5, np.int8)  # 3
    total, product = np.empty((1, 4), np.int8), np.empty((1, 4), np.int8)
    session(pair).run([a, b], [total, product])
    assert ((total.astype(int) - 1) * 0.5).tolist() == [[3, 4, 5, -7]]
    assert np.round((product.astype(int) + 20) * 2.0).tolist() == [[0, 4, 6, -30]]


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"name": "c"}, "tensor 'a': the manifest does not mention it"),
        ({"dtype": "uint8"}, "it says uint8, the model int8"),
        ({"shape": (4, 1), "source_shape": (4, 1)}, r"it says shape \(4, 1\), the model \(1, 4\)"),
        ({"scale": 0.11}, "it says scale 0.11 and zero point 5"),
        ({"zero_point": 6}, "zero point 6"),
        ({"axes": (1, 0)}, r"into \(4, 1\)"),
        ({"axes": (0, 0)}, "do not order 2 axes"),
        ({"axes": (0, 1, 2)}, "do not order 2 axes"),
        ({"source_shape": (1, 2, 2)}, "do not order 2 axes"),
        ({"image": ImagePreprocessing()}, "not that of pictures"),
    ],
)
def test_every_difference_is_refused(pair, changes, match):
    with pytest.raises(InterfaceError, match=match) as caught:
        session(changed(pair, **changes))
    assert "changed.edgekit" in caught.value.message


def test_a_tensor_that_the_model_lacks_or_the_manifest_forgets_is_refused(pair):
    first, second = pair.manifest.outputs
    with pytest.raises(InterfaceError, match="tensor 'product': the manifest does not mention"):
        session(changed(pair, outputs=(first,)))
    third = replace(first, name="third")
    with pytest.raises(InterfaceError, match="tensor 'third': the model has product, sum"):
        session(changed(pair, outputs=(first, second, third)))


def test_an_operator_that_refuses_is_an_error_with_its_message(tmp_path, tflite_models):
    lookup = session(tflite_models.tokens_bundle(tmp_path / "t.edgekit"))
    result = np.empty((1, 3, 2), np.float32)
    with pytest.raises(InterpreterError, match=r"failed while running the model: .*out of bounds"):
        lookup.run([np.array([[0, 1, 99]], np.int32)], [result])
    lookup.run([np.array([[0, 1, 3]], np.int32)], [result])
    assert result.tolist() == [[[0, 1], [2, 3], [6, 7]]]
