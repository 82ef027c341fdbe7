"""`edgekit compress` writes a .pt2 that build takes, or says why not and writes nothing."""

import json

import pytest
import torch

FAST = ("--data", "samples.npz", "--epochs", "2")


def test_the_text_names_the_file_its_layers_and_its_accuracy(in_project, invoke_here, tmp_path):
    target = tmp_path / "small.pt2"
    options = ("--method", "magnitude", "--sparsity", "0.75", "-o", target)
    result = invoke_here("compress", "net.py", *FAST, *options)
    assert result.exit_code == 0, result.exception
    assert result.stdout.startswith(f"{target} written: magnitude, ")
    assert "Weights that are left (measured)" in result.stdout
    assert "top-1 on 8 samples held out (measured): before " in result.stdout
    assert result.stderr.splitlines() == [
        "[1/3] read the model",
        "[2/3] compress and train",
        "[3/3] write the result",
    ]
    weights = torch.export.load(target).state_dict
    zeros = sum(int((values == 0).sum()) for name, values in weights.items() if "weight" in name)
    assert zeros == round(0.75 * sum(v.numel() for n, v in weights.items() if "weight" in n))


def test_json_is_the_report(in_project, invoke_here, tmp_path):
    options = ("--method", "channels", "--teacher", "net.py", "--json", "-o", tmp_path / "x.pt2")
    result = invoke_here("compress", "net.py", *FAST, *options)
    assert result.exit_code == 0, result.exception
    data = json.loads(result.stdout)
    assert (data["model"], data["method"]) == (str(tmp_path / "x.pt2"), "channels")
    assert data["provenance"] == "measured"
    assert len(data["losses"]) == 2
    assert [layer["zero_channels"] for layer in data["layers"]] == [2, 0]


def test_trained_grids_are_kept_by_a_build(in_project, invoke_here, tmp_path):
    target, bundle = tmp_path / "grids.pt2", tmp_path / "grids.edgekit"
    result = invoke_here("compress", "net.py", *FAST, "--method", "qat", "-v", "-o", target)
    assert result.exit_code == 0, result.exception
    assert "tensors have trained int8 grids" in result.stdout
    assert "0.weight" in result.stdout
    given = ("--calibration-data", "plain.npz", "--json", "-o", bundle)
    result = invoke_here("build", target, *given)
    assert result.exit_code == 0, (result.output, result.exception)
    grids = [i for i in json.loads(result.stdout)["findings"] if i["kind"] == "trained grid"]
    assert len(grids) >= 6
    assert [item for item in grids if item["fate"] != "kept"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("net.py", "--method", "magnitude"), "Missing option '--data'"),
        (("net.py", "--data", "samples.npz"), "Missing option '--method'"),
        (("net.py", *FAST, "--method", "magnitud"), "'magnitud' is not one of"),
    ],
)
def test_a_wrong_command_line_is_one_of_usage(in_project, run_main, arguments, message):
    status, _, text = run_main("compress", *arguments)
    assert status == 2
    assert message in text


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ("net.py", ("--method", "magnitude", "--sparsity", "1.5"), "sparsity is 1.5"),
        ("net.py", ("--method", "qat", "--sparsity", "0.5"), "qat has no use for sparsity"),
        ("net.py", ("--method", "distill"), "no teacher to learn from"),
        ("net.onnx", ("--method", "magnitude"), "net.onnx is no Python file"),
        ("none.py", ("--method", "magnitude"), "no such file"),
        ("net.py", ("--method", "magnitude", "--data", "none.npz"), "no such file"),
        ("net.py", ("--method", "magnitude", "--data", "plain.npz"), "it needs samples and"),
        ("net.py", ("--method", "magnitude", "--data", "nhwc.npz"), "a sample of"),
    ],
)
def test_an_error_says_what_to_do_and_writes_nothing(
    in_project, run_main, tmp_path, monkeypatch, model, options, message
):
    monkeypatch.chdir(in_project.folder)
    target = tmp_path / "x.pt2"
    status, _, text = run_main("compress", model, *FAST, *options, "-o", target)
    assert status == 1
    assert message in text
    assert "  -> " in text or "no such file" in text
    assert not target.exists()


def test_without_a_name_the_method_tells_the_file(in_project, succeed, tmp_path):
    for name in ("net.py", "samples.npz"):
        (tmp_path / name).write_bytes((in_project.folder / name).read_bytes())
    said = succeed("compress", "net.py", *FAST, "--method", "magnitude")
    assert "net-magnitude.pt2 written" in said
    assert (tmp_path / "net-magnitude.pt2").is_file()
