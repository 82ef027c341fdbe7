"""A model that computes something else than it did, or whose golden values are none, is refused."""

import io

import numpy as np
import pytest

from edgekit.bundle import Bundle, write_bundle
from edgekit.runtime import Kernels, Model, ValueMismatchError
from edgekit.runtime.updating import SelfTestError, add_golden, self_test
from edgekit.runtime.updating.golden import GOLDEN_MEMBER


def arrays(bundle):
    with np.load(io.BytesIO(bundle.read(GOLDEN_MEMBER))) as archive:
        return dict(archive)


def changed(bundle, path, golden):
    """Return the bundle with other golden values."""
    buffer = io.BytesIO()
    np.savez(buffer, **golden)
    members = {member.path: bundle.read(member.path) for member in bundle.manifest.members}
    write_bundle(path, bundle.manifest, {**members, GOLDEN_MEMBER: buffer.getvalue()})
    return Bundle.open(path)


def passes(bundle, **options):
    with Model(bundle, **options) as model:
        self_test(bundle, model)


@pytest.fixture
def classifier(tmp_path, tflite_models):
    pictures = np.random.default_rng(0).integers(0, 256, (3, 4, 6, 3), dtype=np.uint8)
    plain = tflite_models.conv_bundle(tmp_path / "plain.edgekit", labels=list("abcde"))
    samples = [{"image": each} for each in pictures]
    return add_golden(plain, tmp_path / "m.edgekit", samples, tolerance=2 / 256)


def test_a_bundle_tests_itself_with_any_kernels(classifier):
    for kernels in Kernels:
        passes(classifier, kernels=kernels)
    golden = arrays(classifier)
    assert {name: (a.dtype.name, a.shape) for name, a in golden.items()} == {
        "tolerance": ("float64", ()),
        "input/image": ("int8", (3, 1, 4, 6, 3)),
        "output/scores": ("int8", (3, 1, 5)),
    }
    assert classifier.labels == tuple("abcde")


def test_every_kind_of_input_can_be_golden(tmp_path, tflite_models):
    four = np.ones((1, 4))
    for maker, sample in (
        ("pair_bundle", {"a": four, "b": four}),
        ("tokens_bundle", {"ids": [0, 3, 1]}),
        ("float_bundle", {"x": np.ones((1, 2, 3))}),
    ):
        plain = getattr(tflite_models, maker)(tmp_path / "plain.edgekit")
        passes(add_golden(plain, tmp_path / "m.edgekit", [sample], tolerance=0))


def test_another_output_is_refused_and_one_within_tolerance_is_not(classifier, tmp_path):
    golden = arrays(classifier)
    for steps, within in ((2, True), (3, False)):
        scores = golden["output/scores"].copy()
        at = np.unravel_index(np.argmin(scores), scores.shape)
        scores[at] += steps
        other = changed(classifier, tmp_path / "o.edgekit", {**golden, "output/scores": scores})
        if within:
            passes(other, kernels=Kernels.DEFAULT)
            continue
        with pytest.raises(SelfTestError, match=r"output 'scores' of golden sample \d differs by"):
            passes(other)


def test_what_is_not_a_number_never_passes(tmp_path, tflite_models):
    plain = tflite_models.float_bundle(tmp_path / "plain.edgekit")
    sample = {"x": np.ones((1, 2, 3))}
    good = add_golden(plain, tmp_path / "m.edgekit", [sample], tolerance=1e9)
    golden = arrays(good)
    nan = np.full_like(golden["output/twice"], np.nan)
    with pytest.raises(SelfTestError, match="differs by nan"):
        passes(changed(good, tmp_path / "o.edgekit", {**golden, "output/twice": nan}))


@pytest.mark.parametrize(
    "change",
    [
        {"tolerance": np.float64(-1)},
        {"tolerance": np.float64(np.nan)},
        {"tolerance": np.zeros(2)},
        {"input/image": np.zeros((2, 1, 4, 6, 3), np.int8)},
        {"input/image": np.int8(1)},
        {"more": np.zeros(3)},
    ],
)
def test_golden_values_that_are_not_complete_are_refused(classifier, tmp_path, change):
    other = changed(classifier, tmp_path / "o.edgekit", {**arrays(classifier), **change})
    with pytest.raises(SelfTestError, match="not complete"):
        passes(other)


def test_golden_values_of_another_kind_are_refused(classifier, tmp_path):
    golden = arrays(classifier)
    scores = golden["output/scores"].astype(np.float32)
    other = changed(classifier, tmp_path / "o.edgekit", {**golden, "output/scores": scores})
    with pytest.raises(SelfTestError, match="is int8"):
        passes(other)
    members = {each.path: classifier.read(each.path) for each in classifier.manifest.members}
    write_bundle(tmp_path / "x.edgekit", classifier.manifest, {**members, GOLDEN_MEMBER: b"PK"})
    with pytest.raises(SelfTestError, match="cannot be read"):
        passes(Bundle.open(tmp_path / "x.edgekit"))


def test_golden_values_need_samples_that_fit(tmp_path, tflite_models):
    plain = tflite_models.float_bundle(tmp_path / "plain.edgekit")
    with pytest.raises(SelfTestError, match="0 golden samples"):
        add_golden(plain, tmp_path / "m.edgekit", [], tolerance=0)
    with pytest.raises(SelfTestError, match="tolerance inf"):
        add_golden(plain, tmp_path / "m.edgekit", [{}], tolerance=np.inf)
    with pytest.raises(ValueMismatchError, match="input 'x'"):
        add_golden(plain, tmp_path / "m.edgekit", [{"x": np.zeros(5)}], tolerance=0)
    assert not (tmp_path / "m.edgekit").exists()
