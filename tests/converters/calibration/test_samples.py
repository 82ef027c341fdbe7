"""Sets of samples: made, hashed, labelled and divided."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from edgekit.converters.calibration import (
    InputSpec,
    NoSamplesError,
    SampleSet,
    WarningCode,
    split,
)
from edgekit.converters.calibration.errors import (
    BadValueError,
    InputNamesError,
    LabelError,
    SampleCountError,
)

IMAGE = InputSpec("image", "float32", (1, 1, 8, 8))
IDS = InputSpec("ids", "int64", (1, 4))


@pytest.fixture(scope="module")
def digits():
    data = load_digits()
    return SampleSet.from_arrays(
        {"image": data.images[:, np.newaxis]}, [IMAGE], description="digits", labels=data.target
    )


def numbers(count):
    return SampleSet.from_arrays({"ids": np.arange(4 * count).reshape(count, 4)}, [IDS])


def test_samples_have_the_sources_layout_and_type(digits):
    assert len(digits) == 1797
    for sample in (digits[0], digits[-1], next(iter(digits))):
        assert list(sample) == ["image"]
        assert sample["image"].shape == (1, 1, 8, 8)
        assert sample["image"].dtype == np.float32
    np.testing.assert_array_equal(digits[3]["image"][0, 0], load_digits().images[3])
    assert len(list(digits)) == 1797


def test_real_data_look_real(digits):
    assert digits.warnings == ()
    assert digits.looks_real


def test_random_data_do_not_look_real():
    noise = np.random.default_rng(0).random((10, 1, 8, 8))
    samples = SampleSet.from_arrays({"image": noise}, [IMAGE])
    assert [warning.code for warning in samples.warnings] == [
        WarningCode.FEW_SAMPLES,
        WarningCode.RANDOM,
    ]
    assert not samples.looks_real


def test_few_samples_may_look_real(digits):
    few = digits.select(range(5), "evaluation")
    assert [warning.code for warning in few.warnings] == [WarningCode.FEW_SAMPLES]
    assert few.looks_real


def test_several_inputs_and_lists():
    samples = SampleSet.from_arrays(
        {"ids": [[1, 2, 3, 4], [5, 6, 7, 8]], "image": np.ones((2, 1, 1, 8, 8))}, [IMAGE, IDS]
    )
    assert list(samples[1]) == ["image", "ids"]
    np.testing.assert_array_equal(samples[1]["ids"], [[5, 6, 7, 8]])


def test_no_samples_says_how_to_give_some():
    with pytest.raises(NoSamplesError, match="no calibration data") as caught:
        SampleSet.from_arrays({"image": np.zeros((0, 1, 8, 8))}, [IMAGE])
    for way in ("--calibration-data samples.npz", "folder", "get_calibration_data()", "[:100]"):
        assert way in caught.value.hint
    assert NoSamplesError().message == "no calibration data"


def test_bad_values_are_found_with_their_sample():
    data = np.ones((5, 1, 8, 8))
    data[3] = np.nan
    with pytest.raises(BadValueError, match="'image', sample 3"):
        SampleSet.from_arrays({"image": data}, [IMAGE])
    with pytest.raises(BadValueError, match="infinity, as float32"):
        SampleSet.from_arrays({"image": np.full((5, 1, 8, 8), 1e300)}, [IMAGE])


def test_wrong_names():
    with pytest.raises(InputNamesError, match="arrays in memory"):
        SampleSet.from_arrays({"a": [[0] * 4], "b": [[0] * 4]}, [IDS])


def test_hash_is_of_the_content():
    data = np.arange(40).reshape(10, 4)
    first = SampleSet.from_arrays({"ids": data}, [IDS], description="one")
    again = SampleSet.from_arrays({"ids": data[:, np.newaxis].astype(np.int32)}, [IDS])
    assert first.sha256 == again.sha256
    assert len(first.sha256) == 64
    turned = SampleSet.from_arrays({"ids": data[::-1]}, [IDS])
    renamed = SampleSet.from_arrays({"x": data}, [InputSpec("x", "int64", (1, 4))])
    retyped = SampleSet.from_arrays({"ids": data}, [InputSpec("ids", "int32", (1, 4))])
    changed = SampleSet.from_arrays({"ids": data + (data == 17)}, [IDS])
    hashes = {samples.sha256 for samples in (first, turned, renamed, retyped, changed)}
    assert len(hashes) == 5


def test_labels(digits):
    assert digits.labels.dtype == np.int64
    named = numbers(3).with_labels(np.array([2, 0, 1], np.uint8), ["a", "b", "c"])
    assert named.labels.tolist() == [2, 0, 1]
    assert named.label_names == ("a", "b", "c")


@pytest.mark.parametrize(
    ("labels", "names", "error"),
    [
        ([0, 1], (), SampleCountError),
        ([0, 1, -1], (), LabelError),
        ([0, 1, 2], ("a", "b"), LabelError),
        ([0.0, 1.0, 1.0], (), LabelError),
        ([[0], [1], [2]], (), LabelError),
    ],
)
def test_wrong_labels(labels, names, error):
    with pytest.raises(error):
        numbers(3).with_labels(np.array(labels), names)


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 60))
def test_split_never_overlaps(count, calibration_count):
    samples = numbers(count)
    calibration, evaluation = split(samples, calibration_count)
    if count <= calibration_count:
        assert calibration.digests == evaluation.digests == samples.digests
        assert evaluation.overlaps
        assert not calibration.overlaps
        return
    assert len(calibration) == calibration_count
    assert len(evaluation) == count - calibration_count
    assert not set(calibration.digests) & set(evaluation.digests)
    assert sorted((*calibration.digests, *evaluation.digests)) == sorted(samples.digests)
    assert not evaluation.overlaps


def test_split_serves_every_class_of_a_sorted_file(digits):
    order = np.argsort(digits.labels, kind="stable")
    calibration, evaluation = split(digits.select(order, "sorting"), 100)
    assert set(calibration.labels) == set(range(10))
    assert calibration.description.endswith("100 of 1797 for calibration")
    assert len(evaluation.labels) == len(evaluation) == 1697


def test_parts_keep_samples_labels_and_hashes_together(digits):
    part = digits.select([5, 7], "evaluation").select([1], "evaluation")
    np.testing.assert_array_equal(part[0]["image"], digits[7]["image"])
    assert part.labels.tolist() == [digits.labels[7]]
    assert part.digests == (digits.digests[7],)
    with pytest.raises(NoSamplesError):
        digits.select([], "evaluation")
