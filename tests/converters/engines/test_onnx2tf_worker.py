"""The lowering and the quantizing program by themselves, from start to natural end."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from edgekit.converters.engines.tensorflow_quantizer import skip_package_init
from edgekit.converters.graph import read_graph


@pytest.fixture
def run(tmp_path):
    """Run a program with requests as its whole input; return its replies."""

    def start(module, *requests):
        reading, writing = os.pipe()
        program = subprocess.run(
            [sys.executable, "-m", f"edgekit.converters.engines.{module}", str(writing)],
            input="".join(f"{json.dumps(request)}\n" for request in requests),
            pass_fds=(writing,),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        )
        os.close(writing)
        with os.fdopen(reading) as file:
            replies = [json.loads(line) for line in file]
        assert program.returncode == 0, program.stderr
        return replies

    return start


def test_lowering_and_quantizing_end_when_their_input_does(run, small_models, tmp_path):
    model = small_models.save(tmp_path / "net.onnx", small_models.scores_model())
    request = {"onnx": str(model), "directory": str(tmp_path), "keep_axes": ["x"]}
    (names,) = run("onnx2tf_worker", {"command": "lower", **request})
    assert names == {"inputs": ["input_0:0"], "outputs": ["Identity:0"]}
    assert read_graph((tmp_path / "float.tflite").read_bytes()).main.operators[0].kind == (
        "FULLY_CONNECTED"
    )
    samples = np.random.default_rng(0).standard_normal((30, 1, 4), np.float32)
    np.savez(tmp_path / "samples.npz", samples)
    common = {
        "command": "quantize",
        "frozen": str(tmp_path / "frozen.pb"),
        **names,
        "samples": str(tmp_path / "samples.npz"),
        "per_channel_dense": True,
        "float_islands": False,
    }
    wanted = {
        "int8": {"io": "int8"},
        "int16x8": {"io": "int16"},
        "float16": {"io": "float32"},
        "dynamic": {"io": "float32"},
    }
    requests = [
        {**common, **more, "scheme": scheme, "result": str(tmp_path / f"{scheme}.tflite")}
        for scheme, more in wanted.items()
    ]
    broken = {**requests[0], "frozen": str(tmp_path / "none.pb")}
    *replies, failed = run("tensorflow_quantizer", *requests, broken)
    assert replies == [{}] * 4
    assert failed["error"].startswith("FileNotFoundError: ")
    for scheme, more in wanted.items():
        main = read_graph((tmp_path / f"{scheme}.tflite").read_bytes()).main
        assert main.tensors[main.inputs[0]].dtype == more["io"].upper()


@pytest.mark.parametrize("name", ["no_such_package_at_all", "json.decoder"])
def test_only_packages_can_be_skipped(name):
    with pytest.raises(ModuleNotFoundError, match=f"no package {name}"):
        skip_package_init(name)
