"""Which samples calibrate and which prove parity."""

import numpy as np
import pytest

from edgekit import BuildOptions
from edgekit.build_options import OptionError
from edgekit.build_samples import named_declarations, read_samples
from edgekit.converters.calibration import InputDeclaration, NoSamplesError, SampleLayout
from edgekit.converters.calibration.errors import LabelError, SampleCountError
from edgekit.converters.sources import open_source
from edgekit.errors import UnknownNameError


@pytest.fixture(scope="module")
def source(small_models, tmp_path_factory):
    """Takes ``x [1,4]``, gives three scores."""
    folder = tmp_path_factory.mktemp("source")
    return open_source(small_models.save(folder / "net.onnx", small_models.scores_model()))


@pytest.fixture(scope="module")
def pair(small_models, tmp_path_factory):
    """Takes ``a`` and ``b``."""
    model = small_models.onnx_model(
        [small_models.node("Add", "a b", "y")], [("a", [1, 2]), ("b", [1, 2])], [("y", [1, 2])]
    )
    return open_source(small_models.save(tmp_path_factory.mktemp("pair") / "pair.onnx", model))


def rows(count, start=0):
    """Samples that can be told apart by their first number."""
    generator = np.random.default_rng(0)
    values = generator.standard_normal((count, 4)).cumsum(axis=1).astype(np.float32)
    values[:, 0] = np.arange(start, start + count)
    return values


def firsts(samples):
    return [int(sample["x"][0, 0]) for sample in samples]


def read(source, **options):
    return read_samples(source, BuildOptions(**options))


def x(*arguments):
    return {"x": rows(*arguments)}


@pytest.mark.parametrize(
    ("available", "calibrate"),
    [(1, 1), (63, 63), (64, 32), (65, 32), (200, 100), (256, 128), (1000, 128)],
)
def test_how_many_calibrate_by_default(source, available, calibrate):
    given = read(source, calibration_data=x(available))
    assert len(given.calibration) == calibrate
    if calibrate == available:
        assert given.evaluation.overlaps
        assert len(given.evaluation) == available
    else:
        assert not given.evaluation.overlaps
        assert not set(firsts(given.calibration)) & set(firsts(given.evaluation))
        assert len(given.evaluation) == available - calibrate


@pytest.mark.parametrize("count", [1, 10, 39])
def test_a_chosen_number_leaves_the_others_for_parity(source, count):
    given = read(source, calibration_data=x(40), calibration_count=count)
    assert len(given.calibration) == count
    assert sorted(firsts(given.calibration) + firsts(given.evaluation)) == list(range(40))


def test_more_than_there_are_overlap(source):
    given = read(source, calibration_data=x(40), calibration_count=50)
    assert given.evaluation.overlaps
    assert len(given.calibration) == len(given.evaluation) == 40


def test_evaluation_data_of_their_own(source):
    given = read(source, calibration_data=x(40), evaluation_data=x(7, 100))
    assert firsts(given.calibration) == list(range(40))
    assert firsts(given.evaluation) == list(range(100, 107))
    assert not given.evaluation.overlaps
    fewer = read(source, calibration_data=x(40), evaluation_data=x(7, 100), calibration_count=4)
    assert len(fewer.calibration) == 4


def test_data_that_were_named_for_both_are_kept_apart(source):
    everything = rows(40)
    given = read(
        source,
        calibration_data={"x": everything[:30]},
        evaluation_data={"x": everything},
        labels=np.arange(40) % 3,
    )
    assert firsts(given.evaluation) == list(range(30, 40))
    assert given.evaluation.labels.tolist() == [n % 3 for n in range(30, 40)]
    assert not given.evaluation.overlaps
    same = read(source, calibration_data={"x": everything}, evaluation_data={"x": everything})
    assert same.evaluation.overlaps
    assert len(same.evaluation) == 40


@pytest.mark.parametrize("scheme", ["dynamic", "float16", "float32"])
def test_schemes_without_calibration_prove_parity_on_all(source, scheme):
    given = read(source, scheme=scheme, calibration_data=x(70))
    assert given.calibration is None
    assert len(given.evaluation) == 70
    both = read(source, scheme=scheme, calibration_data=x(70), evaluation_data=x(5, 100))
    assert both.calibration is None
    assert firsts(both.evaluation) == list(range(100, 105))
    alone = read(source, scheme=scheme, evaluation_data=x(5, 100))
    assert firsts(alone.evaluation) == list(range(100, 105))


def test_nothing_to_calibrate_with_says_how_to_give_some(source):
    for options in ({}, {"evaluation_data": x(5)}):
        with pytest.raises(NoSamplesError) as caught:
            read(source, **options)
        assert "--calibration-data" in caught.value.hint


def test_nothing_to_prove_parity_on(source):
    with pytest.raises(OptionError, match="no samples to prove parity on") as caught:
        read(source, scheme="float32")
    assert "--evaluation-data" in caught.value.hint


def test_labels_go_with_the_samples_they_belong_to(source):
    labels = np.arange(80) % 3
    given = read(source, calibration_data=x(80), labels=labels)
    assert given.evaluation.labels.tolist() == [n % 3 for n in firsts(given.evaluation)]
    given = read(source, calibration_data=x(40), evaluation_data=x(6), labels=list(labels[:6]))
    assert given.calibration.labels is None


def test_labels_from_a_file_and_class_names(source, tmp_path):
    np.savez(tmp_path / "data.npz", x=rows(40), y=np.arange(40) % 3)
    path = f"{tmp_path}/data.npz[30:]"
    names = ("ant", "bee", "cat")
    given = read(
        source,
        calibration_data=f"{tmp_path}/data.npz[:30]",
        evaluation_data=path,
        labels=path,
        class_names=names,
    )
    assert given.evaluation.labels.tolist() == [n % 3 for n in range(30, 40)]
    assert given.evaluation.label_names == names
    unasked = read(source, calibration_data=f"{tmp_path}/data.npz[:30]", evaluation_data=path)
    assert unasked.evaluation.labels is None  # though they lie in the file


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        ([0, 1], SampleCountError, "the labels"),
        ([0.5] * 40, LabelError, "not a list of integers"),
        ([-1] * 40, LabelError, "class indices -1"),
        ([3] * 40, LabelError, "class 3, but output 'scores' has 3 values"),
    ],
)
def test_labels_that_cannot_be(source, labels, error, words):
    with pytest.raises(error, match=words):
        read(source, calibration_data=x(40), labels=labels)


def test_a_declaration_without_a_name_is_for_the_only_input(source, pair):
    declared = InputDeclaration(layout=SampleLayout.CHANNELS_LAST)
    assert named_declarations(source, {"": declared}) == {"x": declared}
    assert named_declarations(pair, {"b": declared}) == {"b": declared}
    assert named_declarations(pair, {}) == {}
    with pytest.raises(OptionError, match="the model has 2 inputs") as caught:
        named_declarations(pair, {"": declared})
    assert "a, b" in caught.value.hint


def test_declarations_for_unknown_inputs(source):
    with pytest.raises(UnknownNameError, match="unknown input 'y'"):
        read(source, calibration_data=x(5), declarations={"y": InputDeclaration()})


def test_several_inputs(pair):
    given = read(pair, calibration_data={"b": np.ones((70, 2)), "a": np.zeros((70, 1, 2))})
    sample = given.evaluation[0]
    assert (sample["a"].tolist(), sample["b"].tolist()) == ([[0, 0]], [[1, 1]])
