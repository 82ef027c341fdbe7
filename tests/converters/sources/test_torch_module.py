"""torch modules, exported programs and .pt2 files."""

import json
import os
import pickle
import textwrap
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.converters.sources import SourceError, open_source, probe_sample
from edgekit.errors import UnreadableFileError


class Linear(nn.Module):
    """One layer."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(4, 3)

    def forward(self, x):
        return self.layer(x)


class Nested(nn.Module):
    """Takes a pair and a constant and a keyword, and returns a dict with None in it."""

    def forward(self, pair, factor, *, shift):
        return {"sum": pair[0] + pair[1] * factor, "nothing": None, "shift": shift + 1}


class Branching(nn.Module):
    """Decides by a value, which no exported graph can."""

    def forward(self, x):
        return x + 1 if x.sum() > 0 else x - 1


X = torch.arange(4.0).reshape(1, 4)


@pytest.fixture(scope="module")
def program():
    return torch.export.export(Linear(), (X,))


@pytest.fixture
def pt2(program, tmp_path):
    path = tmp_path / "net.pt2"
    torch.export.save(program, path)
    return path


def reference_gives(source, sample):
    return {name: value.tolist() for name, value in source.reference.run(sample).items()}


def test_a_module_runs_in_torch_and_as_onnx_alike(small_models):
    model = small_models.TwoByTwo()
    source = open_source(
        model, example_inputs=(torch.zeros(1, 3, 8, 8), torch.zeros(1, 6, dtype=torch.long))
    )
    assert (source.kind, source.name, source.reference.name) == (
        "torch-module",
        "TwoByTwo",
        "torch",
    )
    assert [(item.name, item.dtype, item.shape) for item in source.inputs] == [
        ("zoom", "float32", (1, 3, 8, 8)),
        ("ids", "int64", (1, 6)),
    ]
    assert [item.shape for item in source.outputs] == [(1, 7), (1, 5), (1, 8, 8, 8)]
    sample = probe_sample(source.inputs)
    given = source.reference.run(sample)
    assert list(given) == [item.name for item in source.outputs]
    with torch.no_grad():
        expected = model.eval()(*(torch.from_numpy(value) for value in sample.values()))
    for name, value in zip(given, expected, strict=True):
        np.testing.assert_array_equal(given[name], value)


def test_a_module_is_exported_for_evaluation_and_left_in_its_mode(small_models):
    model = small_models.Classifier()
    model.train()
    model.norm.eval()
    modes = [part.training for part in model.modules()]
    means = model.norm.running_mean.clone()
    source = open_source(model, example_inputs=torch.zeros(1, 3, 8, 8))
    sample = probe_sample(source.inputs)
    first, second = (reference_gives(source, sample) for _ in range(2))
    assert first == second  # dropout is off
    assert [part.training for part in model.modules()] == modes
    torch.testing.assert_close(model.norm.running_mean, means)


def test_the_same_module_is_the_same_source_wherever_its_class_stands(tmp_path):
    """The exporter writes the lines of the program into what it exports."""

    def sha256(header):
        path = tmp_path / "net.py"
        path.write_text(
            header
            + textwrap.dedent(
                """
                import torch
                class Net(torch.nn.Module):
                    def forward(self, x):
                        return torch.relu(x) * 2
                get_model = Net
                get_args = lambda: torch.zeros(1, 4)
                """
            )
        )
        return open_source(path).sha256

    assert sha256("") == sha256("\n\n\n# further down\n")


def test_nested_arguments_constants_and_keywords():
    half = torch.full((1, 4), 0.5)
    program = torch.export.export(Nested(), ((X, half), 3), {"shift": torch.ones(1)})
    source = open_source(program)
    assert [item.shape for item in source.inputs] == [(1, 4), (1, 4), (1,)]
    sample = probe_sample(source.inputs)
    first, second, shift = sample.values()
    total, moved = source.reference.run(sample).values()
    np.testing.assert_allclose(total, first + 3 * second, rtol=1e-6)
    np.testing.assert_allclose(moved, shift + 1)


def test_an_exported_program(program):
    source = open_source(program)
    assert (source.kind, source.name) == ("exported-program", "exported-program")
    with torch.no_grad():
        expected = Linear()(X).tolist()
    assert list(reference_gives(source, {"x": X.numpy()}).values()) == [expected]


@pytest.mark.parametrize("dim", [torch.export.Dim("n", min=1, max=64), torch.export.Dim.AUTO])
def test_a_dynamic_batch_is_fixed_to_one(dim):
    """AUTO makes torch assume at least two."""
    program = torch.export.export(Linear(), (torch.zeros(2, 4),), dynamic_shapes=({0: dim},))
    source = open_source(program)
    assert source.inputs[0].shape == (1, 4)
    assert source.outputs[0].shape == (1, 3)
    assert source.notices == ("the dynamic batch of input 'x' is fixed to 1",)
    assert np.shape(*reference_gives(source, {"x": X.numpy()}).values()) == (1, 3)


def test_other_dynamic_dimensions_need_the_option():
    sizes = {0: torch.export.Dim("n", min=1), 2: torch.export.Dim("t", min=4, max=99)}
    program = torch.export.export(
        nn.Conv1d(2, 2, 3), (torch.zeros(2, 2, 9),), dynamic_shapes=(sizes,)
    )
    with pytest.raises(SourceError, match="dynamic dimensions") as caught:
        open_source(program)
    assert "--input-shape input:1,2,1" in caught.value.hint
    assert open_source(program, input_shapes={"input": (1, 2, 20)}).outputs[0].shape == (1, 2, 18)


def test_modules_that_torch_cannot_trace():
    with pytest.raises(SourceError, match=r"torch\.export cannot trace Branching: ") as caught:
        open_source(Branching(), example_inputs=(X,))
    assert "\n" not in caught.value.message
    assert isinstance(caught.value.__cause__, Exception)


def test_operators_that_have_no_translation_to_onnx():
    class Bessel(nn.Module):
        def forward(self, x):
            return torch.special.bessel_j0(x)

    with pytest.raises(SourceError, match="torch cannot export Bessel to ONNX: ") as caught:
        open_source(Bessel(), example_inputs=(X,))
    assert "\n" not in caught.value.message


def test_samples_that_the_module_refuses():
    class Lookup(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(10, 4)

        def forward(self, ids):
            return self.table(ids)

    source = open_source(Lookup(), example_inputs=(torch.zeros(1, 3, dtype=torch.long),))
    with pytest.raises(SourceError, match="torch cannot run the model: index out of range"):
        source.reference.run({"ids": np.full((1, 3), 10)})


def test_torch_is_quiet(capfd, recwarn, program):
    open_source(program)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
    assert not recwarn.list


def test_a_pt2_file(pt2, program):
    source = open_source(pt2)
    assert (source.kind, source.name) == ("exported-program", "net.pt2")
    assert source.sha256 == open_source(program).sha256


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04 and no more"])
def test_other_content_is_unreadable(tmp_path, content):
    path = tmp_path / "net.pt2"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"not a \.pt2 archive"):
        open_source(path)


def test_archives_that_are_cut_off_or_something_else(pt2, tmp_path):
    content = pt2.read_bytes()
    pt2.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableFileError, match=r"net\.pt2"):
        open_source(pt2)
    other = tmp_path / "other.pt2"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("hello.txt", "world")
    with pytest.raises(UnreadableFileError, match=r"torch\.export\.load cannot read it") as caught:
        open_source(other)
    assert "\n" not in caught.value.message


class Bomb:
    """Runs code when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (os.mkdir, (str(self.mark),))


def with_constant(source, target, path_name, member, payload):
    """Copy an archive and add a constant, as torch writes and reads them."""
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as copy:
        for info in archive.infolist():
            data = archive.read(info)
            if info.filename.endswith("model_constants_config.json"):
                config = json.loads(data)
                config["config"]["added"] = {
                    "path_name": path_name,
                    "is_param": False,
                    "use_pickle": True,
                    "tensor_meta": None,
                }
                data = json.dumps(config).encode()
            copy.writestr(info.filename, data)
        root = archive.namelist()[0].split("/")[0]
        copy.writestr(f"{root}/data/constants/{member}", payload)
    return target


@pytest.mark.parametrize(
    ("path_name", "member"),
    [
        ("opaque_obj_0", "opaque_obj_0"),
        ("custom_obj_0", "custom_obj_0"),
        ("opaque_obj_/deeper", "opaque_obj_/deeper"),
        ("opaque_obj_0", "OPAQUE_OBJ_0"),  # torch finds members whatever their case
        ("tensor_0", "tensor_0"),
    ],
)
def test_pickles_in_an_archive_do_not_run(pt2, tmp_path, path_name, member):
    mark = tmp_path / "ran"
    path = tmp_path / "hostile.pt2"
    with_constant(pt2, path, path_name, member, pickle.dumps(Bomb(mark)))
    with pytest.raises(UnreadableFileError, match=r"hostile\.pt2") as caught:
        open_source(path)
    assert not mark.exists()
    if member != "tensor_0":
        assert "can run any code" in caught.value.message
        assert "--trust-pickle" in caught.value.hint


def test_the_same_pickle_runs_when_the_file_is_trusted(pt2, tmp_path):
    """Or the test above would prove nothing."""
    mark = tmp_path / "ran"
    path = tmp_path / "trusted.pt2"
    with_constant(pt2, path, "opaque_obj_/deeper", "opaque_obj_/deeper", pickle.dumps(Bomb(mark)))
    with pytest.raises(SourceError):  # what it gives is no constant that ONNX could hold
        open_source(path, trust_pickle=True)
    assert mark.is_dir()


def test_compiled_libraries_in_an_archive_are_refused(pt2, tmp_path):
    path = tmp_path / "compiled.pt2"
    with zipfile.ZipFile(pt2) as archive, zipfile.ZipFile(path, "w") as copy:
        for info in archive.infolist():
            copy.writestr(info.filename, archive.read(info))
        root = archive.namelist()[0].split("/")[0]
        copy.writestr(f"{root}/data/aotinductor/net/net.so", b"\x7fELF")
    with pytest.raises(UnreadableFileError, match=r"net\.so, which can run any code"):
        open_source(path)


def test_pickles_in_the_older_format_do_not_run(tmp_path):
    """Before 2.8 torch wrote weights with torch.save, and read them with a fallback to pickle."""
    mark = tmp_path / "ran"
    path = tmp_path / "older.pt2"
    weights = tmp_path / "weights.pt"
    torch.save({"layer.weight": Bomb(mark)}, weights)
    from torch._export.serde.schema import SCHEMA_VERSION

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("version", ".".join(map(str, SCHEMA_VERSION)))
        archive.writestr("serialized_exported_program.json", "{}")
        for name in ("state_dict", "constants", "example_inputs"):
            archive.writestr(f"serialized_{name}.pt", weights.read_bytes())
    with pytest.raises(UnreadableFileError):
        open_source(path)
    assert not mark.exists()


@pytest.mark.parametrize("before", [None, "0"])
def test_the_environment_is_left_as_it_was(pt2, monkeypatch, before):
    name = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
    monkeypatch.delenv(name, raising=False)
    if before is not None:
        monkeypatch.setenv(name, before)
    open_source(pt2)
    assert os.environ.get(name) == before
