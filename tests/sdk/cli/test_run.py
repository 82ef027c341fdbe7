"""`edgekit run` gives what the runtime gives, as text, JSON and files."""

import io
import json
import resource

import numpy as np
import pytest
from PIL import Image

from edgekit.bundle import Bundle
from edgekit.cli.run import _npz
from edgekit.runtime import Kernels, Model

PICTURE = np.random.default_rng(3).integers(0, 256, (4, 6, 3), dtype=np.uint8)
LABELS = ["ant", "bee [red]", "cat", "dog", "elk"]


@pytest.fixture
def classifier(tmp_path, tflite_models):
    Image.fromarray(PICTURE).save(tmp_path / "picture.png")
    return tflite_models.conv_bundle(tmp_path / "net.edgekit", labels=LABELS)


@pytest.fixture
def pair(tmp_path, tflite_models):
    rows = np.linspace(-3, 3, 12, dtype=np.float32).reshape(3, 4)
    np.savez(tmp_path / "both.npz", a=rows, b=rows[::-1])
    np.save(tmp_path / "a.npy", rows[0])
    np.save(tmp_path / "b.npy", rows[2])
    return tflite_models.pair_bundle(tmp_path / "pair.edgekit")


def test_a_classifier_prints_its_best_classes(succeed, classifier):
    expected = Model(classifier).classify(PICTURE, top=2)
    data = json.loads(succeed("run", "net.edgekit", "-i", "picture.png", "--top", "2", "--json"))
    assert data["classes"] == [{"label": item.label, "score": item.score} for item in expected]
    text = succeed("run", "net.edgekit", "-i", "image=picture.png")
    lines = [line for line in text.splitlines() if line.startswith("│")]
    assert len(lines) == 5
    assert lines[0].split("│")[1].strip() == expected[0].label
    assert "bee [red]" in text


def test_outputs_are_those_of_the_model(succeed, pair):
    arrays = {name: np.load(f"{name}.npy") for name in "ab"}
    expected = Model(pair)(arrays)
    text = succeed("run", "pair.edgekit", "-i", "a=a.npy", "-i", "b=b.npy", "--json")
    data = json.loads(text)
    assert data["classes"] == []
    assert list(data["outputs"]) == ["sum", "product"]
    for name, values in expected.items():
        assert data["outputs"][name] == values.tolist()


def test_outputs_are_shown_by_name(succeed, pair):
    text = succeed("run", "pair.edgekit", "-i", "both.npz", "--index", "0", "-v")
    assert "sum: float32 1x4\n  [[" in text
    assert "product: float32 1x4\n  [[" in text
    assert "run by ai-edge-litert" in text


def test_top_asks_for_classes_where_there_are_no_labels(succeed, project):
    labels = [item["label"] for item in top(succeed, project, "2")]
    assert labels == ["middle", "left to right"]


def top(succeed, project, count):
    arguments = ("-i", project.folder / "digit.png", "--top", count, "--json")
    return json.loads(succeed("run", project.bundle, *arguments))["classes"]


def test_top_is_an_error_for_what_is_no_classifier(run_main, pair):
    status, _, err = run_main("run", "pair.edgekit", "-i", "both.npz", "--index", "1", "--top", "3")
    assert status == 1
    assert "it is no classifier" in err


@pytest.mark.parametrize("index", [0, 7, 39])
def test_index_and_layout_choose_a_sample(in_project, invoke_here, index):
    images = np.load("samples.npz")["image"]
    expected = Model(Bundle.open(in_project.bundle))(images[index], layout="source")
    arguments = ("--index", str(index), "--layout", "source", "--json")
    result = invoke_here("run", "net.edgekit", "-i", "samples.npz", *arguments)
    assert json.loads(result.stdout)["outputs"]["scores"] == expected["scores"].tolist()


def test_the_labels_of_the_data_are_what_the_built_model_says(in_project, invoke_here):
    labels = np.load("samples.npz")["y"]
    names = (in_project.folder / "classes.txt").read_text().splitlines()
    for index in (0, 1, 2):
        arguments = ("--index", str(index), "--layout", "source", "--top", "1", "--json")
        result = invoke_here("run", "net.edgekit", "-i", "samples.npz", *arguments)
        assert json.loads(result.stdout)["classes"][0]["label"] == names[labels[index]]


@pytest.mark.parametrize("kernels", list(Kernels))
def test_kernels_and_threads_reach_the_interpreter(succeed, classifier, kernels):
    arguments = ("--kernels", kernels.value, "--threads", "2", "--json")
    data = json.loads(succeed("run", "net.edgekit", "-i", "picture.png", *arguments))
    assert data["backend"].endswith(f"{kernels} kernels, 2 threads")


def test_the_interpreter_says_nothing_unless_verbose(edgekit, classifier):
    quiet = edgekit("run", "net.edgekit", "-i", "picture.png")
    assert (quiet.returncode, quiet.stderr) == (0, "")
    verbose = edgekit("run", "net.edgekit", "-i", "picture.png", "--verbose")
    assert verbose.returncode == 0
    assert "run by ai-edge-litert" in verbose.stdout


def test_the_outputs_are_written_as_arrays(succeed, pair, tmp_path):
    text = succeed("run", "pair.edgekit", "-i", "a=a.npy", "-i", "b=b.npy", "-o", "out/x.npz")
    assert "out/x.npz written" in text
    expected = Model(pair)({name: np.load(f"{name}.npy") for name in "ab"})
    with np.load(tmp_path / "out" / "x.npz", allow_pickle=False) as found:
        assert sorted(found.files) == ["product", "sum"]
        for name in found.files:
            np.testing.assert_array_equal(found[name], expected[name])


def test_any_name_of_an_output_can_be_written_and_bytes_repeat():
    arrays = {name: np.arange(3) for name in ("file", "args", "a/b:0", "allow_pickle")}
    content = _npz(arrays)
    assert content == _npz(arrays)
    with np.load(io.BytesIO(content)) as found:
        assert sorted(found.files) == sorted(arrays)


@pytest.mark.parametrize("place", ["picture.png/x.npz", "folder"])
def test_an_output_that_cannot_be_written_leaves_nothing(run_main, classifier, tmp_path, place):
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.rglob("*"))
    status, out, err = run_main("run", "net.edgekit", "-i", "picture.png", "-o", place)
    assert (status, out) == (1, "")
    assert err.startswith(f"error: cannot write {place}: ")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_full_disk_leaves_nothing_and_keeps_the_old_file(edgekit, classifier, tmp_path):
    (tmp_path / "out.npz").write_bytes(b"old")
    result = edgekit(
        *("run", "net.edgekit", "-i", "picture.png", "-o", "out.npz"),
        # A limit on the size of files fails like a full disk does, in the middle of a write.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50)),
    )
    assert result.returncode == 1
    assert result.stderr.startswith("error: cannot write out.npz: ")
    assert (tmp_path / "out.npz").read_bytes() == b"old"
    assert sorted(item.name for item in tmp_path.iterdir()) == [
        "net.edgekit",
        "out.npz",
        "picture.png",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-i", "missing.png"), "cannot read missing.png: no such file"),
        (("-i", "net.edgekit"), "cannot read net.edgekit: cannot identify image"),
        (("-i", "imag=picture.png"), "unknown input 'imag'"),
        (("-i", "image=picture.png", "-i", "picture.png"), "all were given by name"),
        (("-i", "picture.png", "--index", "0"), "only pictures were given"),
    ],
)
def test_wrong_inputs_are_one_line(run_main, classifier, arguments, message):
    status, out, err = run_main("run", "net.edgekit", *arguments)
    assert (status, out) == (1, "")
    assert message in err.splitlines()[0]


def test_arrays_that_do_not_fit_are_one_line(run_main, pair, tmp_path):
    np.save(tmp_path / "long.npy", np.zeros(5, np.float32))
    np.save(tmp_path / "text.npy", np.array(["a", "b", "c", "d"]))
    np.save(tmp_path / "nan.npy", np.full(4, np.nan, np.float32))
    np.save(tmp_path / "objects.npy", np.array([{}], object), allow_pickle=True)
    for name in ("long", "text", "nan", "objects"):
        status, _, err = run_main("run", "pair.edgekit", "-i", "a=a.npy", "-i", f"b={name}.npy")
        assert status == 1
        assert err.count("error: ") == 1
        assert len(err.splitlines()) == 2, err


@pytest.mark.parametrize(
    "arguments", [(), ("-i",), ("-i", "x", "--top", "0"), ("-i", "x", "--threads", "0")]
)
def test_wrong_usage_exits_with_2(run_main, classifier, arguments):
    assert run_main("run", "net.edgekit", *arguments)[0] == 2


def test_a_bundle_that_is_none_is_one_line(run_main, tmp_path):
    (tmp_path / "x.edgekit").write_bytes(b"garbage")
    status, _, err = run_main("run", "x.edgekit", "-i", "y.npy")
    assert status == 1
    assert err.startswith("error: bundle x.edgekit: it is not a zip file\n")
