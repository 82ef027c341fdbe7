"""`edgekit build` writes a proven bundle, or one line that says why not, and nothing else."""

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile

import numpy as np
import pytest
from PIL import Image

from edgekit.bundle import Bundle

FLOAT = ("--scheme", "float32", "--evaluation-data", "samples.npz[32:]")


def test_the_text_names_the_bundle_its_parity_and_its_devices(project):
    text = project.build.stdout
    assert text.startswith("net.edgekit written: int8, ")
    assert "input image: int8 1x8x8x1 (nhwc)" in text
    assert "output scores: int8 1x3" in text
    assert "Parity with onnxruntime, 8 samples (measured)" in text
    assert "top-1 on 8 labelled samples (measured): source 100.00 %" in text
    assert "Devices: least memory needed (estimated)" in text
    assert text.count("fits") == 2


def test_the_stages_go_to_standard_error(project):
    lines = project.build.stderr.splitlines()
    assert lines[0] == "[1/7] read the source"
    assert lines[-1] == "[7/7] write the result"
    assert len(lines) == 7  # no warning: there are enough samples, and others for parity


def test_the_bundle_is_what_was_asked_for(project):
    manifest = Bundle.open(project.bundle).manifest
    assert (manifest.name, manifest.scheme) == ("net", "int8")
    assert manifest.devices == ("nucleo-l4r5zi", "pixel-8")
    assert [item.dtype for item in (*manifest.inputs, *manifest.outputs)] == ["int8", "int8"]
    assert manifest.inputs[0].image.std == (255.0,)


def test_json_is_one_document(in_project, invoke_here, tmp_path):
    bundle = tmp_path / "float.edgekit"
    result = invoke_here("build", "net.onnx", *FLOAT, "-d", "pixel-8", "-o", bundle, "--json")
    assert result.exit_code == 0, result.exception
    data = json.loads(result.stdout)
    assert data["bundle"] == str(bundle)
    assert data["manifest"] == json.loads(json.dumps(Bundle.open(bundle).manifest.to_json()))
    assert data["parity"]["provenance"] == "measured"
    assert data["fits"][0]["ram"]["provenance"] == "estimated"
    assert data["lowering_from_cache"] is False
    assert data["stage_seconds"].pop("provenance") == "measured"
    assert all(seconds >= 0 for seconds in data["stage_seconds"].values())
    assert data["warnings"] == []


def test_quiet_prints_nothing(in_project, invoke_here, tmp_path):
    result = invoke_here("build", "net.onnx", *FLOAT, "-o", tmp_path / "q.edgekit", "--quiet")
    assert (result.exit_code, result.output) == (0, "")
    assert Bundle.open(tmp_path / "q.edgekit").manifest.scheme == "float32"


def test_verbose_tells_the_stages_and_the_worst_layers(in_project, invoke_here, tmp_path):
    result = invoke_here("build", "net.onnx", *FLOAT, "-o", tmp_path / "v.edgekit", "--verbose")
    assert "compared by ai-edge-litert" in result.stdout
    assert "worst layers" in result.stdout
    assert "stages (measured):" in result.stdout
    assert " s  prove parity\n" in result.stdout


@pytest.mark.slow
def test_the_other_engine_gives_a_second_opinion(in_project, invoke_here, tmp_path):
    pytest.importorskip("onnx2tf")
    bundle = tmp_path / "second.edgekit"
    arguments = ("build", "net.onnx", *FLOAT, "-o", bundle, "--engine", "onnx2tf")
    assert invoke_here(*arguments).exit_code == 0
    assert Bundle.open(bundle).manifest.engine.startswith("onnx2tf (onnx2tf ")
    again = invoke_here(*arguments, "--verbose")
    assert "stages (measured) (from the cache):" in again.stdout


def test_the_bundle_is_named_after_the_model(in_project, invoke_here, tmp_path, monkeypatch):
    model = (in_project.folder / "net.onnx").read_bytes()
    (tmp_path / "other.onnx").write_bytes(model)
    data = f"{in_project.folder / 'samples.npz'}[32:]"
    monkeypatch.chdir(tmp_path)
    arguments = ("--scheme", "float32", "--evaluation-data", data, "-q")
    assert invoke_here("build", "other.onnx", *arguments).exit_code == 0
    assert (tmp_path / "other.edgekit").is_file()


@pytest.fixture
def refused(in_project, run_main, tmp_path, monkeypatch):
    """Run a build that must fail: one line, exit status 1, nothing left; returns the line."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    output = tmp_path / "output"
    for name in ("net.onnx", "samples.npz", "classes.txt"):
        (tmp_path / name).write_bytes((in_project.folder / name).read_bytes())

    def run(*arguments, model="net.onnx", data="samples.npz"):
        calibration = ("--calibration-data", data) if data else ()
        status, out, err = run_main(
            *("build", model, *calibration, "-o", output / "x.edgekit", "-q", *arguments)
        )
        assert (status, out) == (1, ""), err
        first, *others = err.splitlines()
        assert first.startswith("error: ")
        assert all(line.startswith("  ") for line in others), err
        assert list(scratch.iterdir()) == []
        assert not output.exists() or list(output.iterdir()) == []
        return err.removeprefix("error: ")

    return run


MODELS = {
    "garbage.onnx": (b"\xff\xd8garbage" * 50, "not a readable ONNX model"),
    "empty.onnx": (b"", "holds no operators"),
    "net.tflite": (b"\x1c\0\0\0TFL3" + bytes(64), "not a TFLite model: it holds no subgraph"),
    "garbage.tflite": (b"garbage", "not a TFLite model: the file identifier"),
    "garbage.edgekit": (b"PK\x03\x04", "of no kind that edgekit can open"),
    "net.pt": (pickle.dumps({"weights": [1.0]}), "pickle, which can run any code"),
    "net.pt2": (b"garbage", "not a .pt2 archive"),
    "net.py": (b"get_model = 1 /", "net.py"),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_cannot_be_taken(refused, tmp_path, name):
    content, message = MODELS[name]
    (tmp_path / name).write_bytes(content)
    assert message in refused(model=name).splitlines()[0]


def test_a_pickle_is_refused_with_the_way_to_allow_it(refused, tmp_path):
    (tmp_path / "net.pt").write_bytes(pickle.dumps({}))
    assert "--trust-pickle" in refused(model="net.pt")


def test_an_adapter_goes_onto_a_module_only(refused, tmp_path):
    line = refused("--adapter", tmp_path)
    assert line.startswith("an adapter goes onto a torch module, not onto net.onnx")


def test_a_model_that_is_not_there(refused):
    assert refused(model="none.onnx") == "cannot read none.onnx: no such file\n"


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_model_that_is_cut_off(refused, tmp_path, part):
    content = (tmp_path / "net.onnx").read_bytes()
    (tmp_path / "cut.onnx").write_bytes(content[: int(part * len(content))])
    assert "cut.onnx" in refused(model="cut.onnx")


def images(shape=(40, 1, 8, 8), dtype=np.float32):
    smooth = np.linspace(0, 1, int(np.prod(shape))).reshape(shape)
    return smooth.astype(dtype)


def test_nan_in_the_samples(refused):
    bad = images()
    bad[7, 0, 3, 3] = np.nan
    np.savez("nan.npz", image=bad)
    text = refused(data="nan.npz")
    assert "input 'image', sample 7: 1 of 64 values are not finite (NaN" in text


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"image": images((40, 1, 8, 9))}, "(40, 1, 8, 9)"),
        ({"image": images((40, 8, 8, 1))}, "(40, 8, 8, 1)"),
        ({"image": images().astype(np.complex64)}, "complex64"),
        ({"image": images().astype(str)}, "<U"),
        ({"a": images(), "b": images()}, "the names in bad.npz"),
        ({"image": images((0, 1, 8, 8))}, "no calibration data"),
    ],
)
def test_samples_that_do_not_fit(refused, arrays, message):
    np.savez("bad.npz", **arrays)
    assert message in refused(data="bad.npz")


def test_samples_that_cannot_be_read(refused, tmp_path):
    content = (tmp_path / "samples.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(content[: len(content) // 2])
    assert "truncated or no NumPy file" in refused(data="cut.npz")
    np.savez("objects.npz", image=np.array([{}, {}], object))
    assert "Python objects (pickle)" in refused(data="objects.npz")
    assert "no such file or folder" in refused(data="nowhere.npz")
    assert "not a kind of data" in refused(data="classes.txt")


def test_slices_that_hold_nothing_or_mean_nothing(refused):
    assert "holds no samples" in refused(data="samples.npz[100:]")
    assert "cannot read the slice [a:b]" in refused(data="samples.npz[a:b]")


def test_a_folder_without_pictures_or_with_garbage(refused, tmp_path):
    (tmp_path / "pictures").mkdir()
    declared = ("--mean", "0", "--std", "255")
    assert "pictures holds no samples" in refused(*declared, data="pictures")
    (tmp_path / "pictures" / "a.png").write_bytes(b"garbage")
    assert "a.png" in refused(*declared, data="pictures")
    Image.new("L", (8, 8)).save(tmp_path / "pictures" / "a.png")
    assert "nothing says how pictures become numbers" in refused(data="pictures")


def test_no_samples_says_how_to_give_some(refused):
    text = refused(data=None)
    assert text.startswith("no calibration data\n")
    assert "--calibration-data samples.npz" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-d", "nucleo-l4r5"), "did you mean nucleo-l4r5zi,"),
        (("-d", "raspberry"), "did you mean raspberry-pi-"),
        (("-d", "none.toml"), "cannot read none.toml"),
        (("--engine", "onnx2tff"), "did you mean onnx2tf?"),
        (("--io", "int16"), "--io int16 does not go with --scheme int8"),
        (("--labels", "none.npz"), "none.npz: no such file"),
        (("--labels", "samples.npz[:7]"), "numbers of samples differ"),
        (("--class-names", "none.txt"), "cannot read none.txt"),
        (("--class-names", "."), "cannot read .: Is a directory"),
        (("--class-names", "samples.npz"), "cannot read samples.npz: it is not UTF-8 text"),
        (("--input-shape", "x:1,2"), "unknown input 'x'"),
        (("--input-shape", "image:1,1,9,9"), "but the model fixes 1,1,8,8"),
        (("--mean", "pixels=0"), "unknown input 'pixels'"),
        (("--calibration-layout", "nhwc"), "image"),
    ],
)
def test_options_that_do_not_fit(refused, arguments, message):
    assert message in refused(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--input-shape", "image"),
        ("--input-shape", "image:1,x"),
        ("--input-shape", "image:0"),
        ("--scheme", "int7"),
        ("--calibration-method", "minmax"),
        ("--calibration-count", "0"),
        ("--mean", "red"),
    ],
)
def test_wrong_usage_exits_with_2(run_main, arguments):
    assert run_main("build", "net.onnx", *arguments)[0] == 2


def test_a_place_that_cannot_be_written_to(in_project, run_main, tmp_path):
    (tmp_path / "file").touch()
    model, data = in_project.folder / "net.onnx", in_project.folder / "samples.npz"
    status, out, err = run_main(
        *("build", model, "--scheme", "float32", "--evaluation-data", data),
        *("-o", "file/x.edgekit", "-q"),
    )
    assert (status, out) == (1, "")
    assert err.startswith("error: cannot write file/x.edgekit: ")
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


def test_ctrl_c_in_the_middle_leaves_nothing(in_project, tmp_path):
    scratch, cache = tmp_path / "scratch", tmp_path / "cache"
    scratch.mkdir()
    code = "from edgekit.cli.main import main; main()"
    words = ["build", "net.onnx", "--calibration-data", "samples.npz", "-o", tmp_path / "x.edgekit"]
    with subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "TMPDIR": str(scratch), "EDGEKIT_CACHE_DIR": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stderr:
            if "lower to float" in line:
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.strip() == "error: interrupted; nothing was left behind"
    assert list(scratch.glob("edgekit*")) == []  # onnxruntime has a hidden file of its own there
    assert list(cache.glob("*")) == []
    assert not (tmp_path / "x.edgekit").exists()


def test_json_errors_of_a_build(in_project, run_main):
    status, out, err = run_main("build", "none.onnx", "-d", "nano", "--json", "-q")
    assert status == 1
    assert json.loads(out)["error"] == "UnknownNameError"
    assert err.startswith("error: unknown device 'nano'")
