"""Python files that give samples, or fail to."""

import sys

import numpy as np
import pytest

from edgekit.converters.calibration import InputDeclaration, InputSpec, NoSamplesError, SampleLayout
from edgekit.converters.calibration import load_samples as load
from edgekit.converters.calibration.errors import BadValueError, InputNamesError, ScriptError

X = InputSpec("x", "float32", (1, 4))
IDS = InputSpec("ids", "int64", (1, 2))
IMAGE = InputSpec("image", "float32", (1, 3, 2, 2))


@pytest.fixture
def script(tmp_path):
    def write(body):
        path = tmp_path / "calib.py"
        lines = ["import numpy as np", "def get_calibration_data():", *body.splitlines()]
        path.write_text("\n    ".join(lines).replace("\n    def get", "\ndef get") + "\n")
        return path

    return write


@pytest.mark.parametrize(
    "body",
    [
        "return np.arange(12.0).reshape(3, 4)",
        "return {'x': np.arange(12.0).reshape(3, 4)}",
        "return [np.arange(4.0) + 4 * i for i in range(3)]",
        "for i in range(3): yield np.arange(4.0)[None] + 4 * i",
        "for i in range(3): yield (np.arange(4.0) + 4 * i,)",
        "for i in range(3): yield {'x': np.arange(4.0) + 4 * i}",
        "for i in range(3): yield [[[j + 4.0 * i for j in range(4)]]]",
        "yield np.arange(8.0).reshape(2, 4)\nyield np.arange(8.0, 12.0)",
        "import torch\nreturn torch.arange(12.0).reshape(3, 4).split(2)",
    ],
)
def test_all_the_ways_to_give_samples(script, body):
    samples = load(script(body), [X])
    assert [sample["x"].tolist() for sample in samples] == [
        [[0, 1, 2, 3]],
        [[4, 5, 6, 7]],
        [[8, 9, 10, 11]],
    ]
    assert samples.description == "calib.py (3 samples)"


@pytest.mark.parametrize(
    "body",
    [
        "for i in range(3): yield np.full(4, i, float), np.array([i, 2])",
        "for i in range(3): yield {'ids': np.array([[i, 2]]), 'x': np.full((1, 4), i, float)}",
        "return {'ids': [[0, 2], [1, 2], [2, 2]], 'x': np.arange(3.0).repeat(4).reshape(3, 1, 4)}",
    ],
)
def test_several_inputs(script, body):
    samples = load(script(body), [X, IDS])
    assert [sample["ids"].tolist() for sample in samples] == [[[0, 2]], [[1, 2]], [[2, 2]]]
    assert [sample["x"][0, 0] for sample in samples] == [0, 1, 2]


def test_declared_layout(script):
    declarations = {"image": InputDeclaration(SampleLayout.CHANNELS_LAST)}
    path = script("yield np.arange(12.0).reshape(2, 2, 3)")
    (sample,) = load(path, [IMAGE], declarations=declarations)
    np.testing.assert_array_equal(
        sample["image"][0], np.arange(12.0).reshape(2, 2, 3).transpose(2, 0, 1)
    )


@pytest.mark.parametrize(("suffix", "limit"), [("[:5]", None), ("[:9]", 5), ("", 5)])
def test_endless_generators_are_stopped(script, suffix, limit):
    path = script("i = 0.0\nwhile True:\n    yield np.full(4, i)\n    i += 1")
    samples = load(f"{path}{suffix}", [X], limit=limit)
    assert [sample["x"][0, 0] for sample in samples] == [0, 1, 2, 3, 4]


def test_slices_count_samples_not_batches(script):
    path = script("for i in range(3): yield np.arange(8.0).reshape(2, 4) + 8 * i")
    assert [sample["x"][0, 0] for sample in load(f"{path}[1:6:2]", [X])] == [4, 12, 20]
    assert [sample["x"][0, 0] for sample in load(f"{path}[-1:]", [X])] == [20]


def test_neighbours_can_be_imported_and_the_path_is_restored(script, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "edgekit_test_neighbour.py").write_text("VALUE = 7.0\n")
    before = list(sys.path)
    path = script("import edgekit_test_neighbour as n\nyield np.full(4, n.VALUE)")
    try:
        assert load(path, [X])[0]["x"][0, 0] == 7
    finally:
        sys.modules.pop("edgekit_test_neighbour", None)
    assert sys.path == before


def test_prints_go_to_stderr(script, capsys):
    load(script("print('loading')\nyield np.zeros(4)"), [X])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "loading" in captured.err


@pytest.mark.parametrize(
    ("body", "line", "what"),
    [
        ("return 1 / 0", 3, "ZeroDivisionError: division by zero"),
        ("yield np.zeros(4)\nraise KeyError('gone')", 4, "KeyError: 'gone'"),
        ("import sys\nsys.exit(3)", 4, "SystemExit: 3"),
        ("return np.load('/nowhere.npy')", 3, "FileNotFoundError"),
        ("return )", 3, "SyntaxError"),
        ("yield [[1.0], [2.0, 3.0]],", None, "ValueError"),
    ],
)
def test_failures_are_told_with_file_and_line(script, body, line, what):
    path = script(body)
    with pytest.raises(ScriptError, match=what) as caught:
        load(path, [X])
    assert caught.value.line == line
    assert str(path) in caught.value.message
    assert caught.value.__cause__ is not None


def test_failures_at_import(tmp_path):
    path = tmp_path / "calib.py"
    path.write_text("\nimport no_such_module_anywhere\n")
    with pytest.raises(ScriptError, match="line 2: ModuleNotFoundError"):
        load(path, [X])


def test_interrupts_pass(script):
    with pytest.raises(KeyboardInterrupt):
        load(script("raise KeyboardInterrupt"), [X])


@pytest.mark.parametrize("content", ["", "get_calibration_data = 3\n"])
def test_no_function(tmp_path, content):
    path = tmp_path / "calib.py"
    path.write_text(content)
    with pytest.raises(ScriptError, match="defines no function get_calibration_data"):
        load(path, [X])


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("return 3", "gave int, which holds no samples"),
        ("return None", "gave NoneType"),
        ("yield np.zeros(4), 1", "item 0 has 2 arrays, the model's inputs are 1: x"),
        (
            "yield np.zeros(4)\nyield np.zeros(5)",
            r"item 1: input 'x': .* have shape \(1, 5\)",
        ),
        ("yield np.zeros(4, int)", "item 0: input 'x' takes float32"),
        ("yield np.array([None] * 4)", "item 0: input 'x' takes float32, the data are object"),
    ],
)
def test_things_that_are_no_samples(script, body, what):
    with pytest.raises(ScriptError, match=what):
        load(script(body), [X])


def test_wrong_names_in_an_item(script):
    body = "yield {'x': np.zeros(4), 'idz': np.zeros(2, int)}"
    with pytest.raises(InputNamesError, match="item 0"):
        load(script(body), [X, IDS])


@pytest.mark.parametrize("body", ["return []", "return np.zeros((0, 4))", "yield from ()"])
def test_nothing(script, body):
    with pytest.raises(NoSamplesError):
        load(script(body), [X])


def test_bad_values_are_found_with_their_sample(script):
    with pytest.raises(BadValueError, match="sample 1: 4 of 4"):
        load(script("yield np.zeros(4)\nyield np.full(4, np.nan)"), [X])
