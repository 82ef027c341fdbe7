"""The engine's children end with it, and a full disk or a killed child is one plain error."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from itertools import islice

import psutil
import pytest

from edgekit.converters.cache import Cache
from edgekit.converters.engines import EngineError, QuantizationRequest
from edgekit.converters.engines.onnx2tf_engine import Onnx2tfEngine
from edgekit.errors import WriteError


@pytest.fixture(scope="module")
def children():
    """The processes that run below this one before a test."""
    return lambda: {item.pid for item in psutil.Process().children(recursive=True)}


def test_no_place_for_the_log(tmp_path):
    (tmp_path / "file").write_text("in the way")
    engine = Onnx2tfEngine(Cache(tmp_path), tmp_path / "file" / "logs" / "log")
    with pytest.raises(WriteError, match="cannot write"):
        engine.__enter__()


def test_a_killed_child_is_an_error_and_leaves_nothing(tmp_path, monkeypatch, children, classifier):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = children()
    with Onnx2tfEngine(Cache(tmp_path / "cache"), tmp_path / "log") as engine:
        (child,) = children() - before
        os.kill(child, signal.SIGKILL)
        with pytest.raises(EngineError, match=r"the quantize step crashed \(exit status -9\)"):
            engine.quantize(classifier.lowered, QuantizationRequest(), classifier.samples)
    assert children() == before
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


INTERRUPTED = """
    import sys
    from pathlib import Path
    from edgekit.converters.cache import Cache
    from edgekit.converters.engines.onnx2tf_engine import Onnx2tfEngine
    from edgekit.converters.sources import open_source
    folder = Path(sys.argv[1])
    source = open_source(folder / "net.onnx")
    try:
        with Onnx2tfEngine(Cache(folder / "cache"), folder / "log") as engine:
            print("ready", flush=True)
            engine.lower(source)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.mark.parametrize("after_s", [0.0, 1.0])
def test_ctrl_c_leaves_no_process_and_no_scratch_folder(tmp_path, small_models, after_s):
    small_models.save(tmp_path / "net.onnx", small_models.scores_model())
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    assert program.stdout.readline() == "ready\n"
    running = []
    while len(running) < 2:  # one quantizes, one lowers
        time.sleep(0.02)
        running = psutil.Process(program.pid).children(recursive=True)
    time.sleep(after_s)
    program.send_signal(signal.SIGINT)
    rest, _ = program.communicate(timeout=30)
    assert rest == "interrupted\n"
    assert program.returncode == 0
    gone, alive = psutil.wait_procs(running, timeout=10)
    assert (len(gone), alive) == (len(running), [])
    assert list(scratch.iterdir()) == []
    cache = tmp_path / "cache"
    assert not cache.exists() or list(cache.iterdir()) == []


def test_no_space_left_for_the_cache(small_disk, tmp_path, open_onnx, small_models):
    model = small_models.onnx_model(
        [small_models.node("MatMul", "x w", "y")],
        [("x", [1, 700])],
        [("y", [1, 700])],
        {"w": small_models.weights(700, 700)},
    )
    source = open_onnx(model)
    with Onnx2tfEngine(Cache(small_disk / "cache"), tmp_path / "log") as engine:
        with pytest.raises(EngineError, match="no space left") as caught:
            engine.lower(source)
        assert "EDGEKIT_CACHE_DIR" in caught.value.hint
        assert list((small_disk / "cache").iterdir()) == []


def test_no_space_left_for_the_samples(small_disk, tmp_path, monkeypatch, classifier):
    monkeypatch.setattr("tempfile.tempdir", str(small_disk))
    samples = classifier.samples * 40
    with Onnx2tfEngine(Cache(tmp_path / "cache"), tmp_path / "log") as engine:
        with pytest.raises(WriteError, match="cannot write") as caught:
            engine.quantize(classifier.lowered, QuantizationRequest(), islice(samples, 2400))
        assert "calibration.npz" in str(caught.value.path)
    assert list(small_disk.iterdir()) == []
