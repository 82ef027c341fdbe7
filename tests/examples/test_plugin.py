"""The package of examples/plugin, installed by pip, brings its meter and its target to edgekit."""

import json
import os
import shutil
import socketserver
import subprocess
import sys
import threading
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "plugin"
WATTS = 3.25


class Instrument(socketserver.StreamRequestHandler):
    """A supply that gives the same power at all times."""

    def handle(self):
        for line in self.rfile:
            answer = {b"*IDN?": "ACME,PS1,42,1.0", b"MEAS:POW?": f"{WATTS:.4f}"}
            self.wfile.write(f"{answer.get(line.strip(), '')}\n".encode())


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder that pip has installed the example into."""
    # A copy, because setuptools writes beside the sources.
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("target")
    shutil.copytree(EXAMPLE, source / "plugin", ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", target]
    done = subprocess.run([*command, source / "plugin"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def edgekit(installed, tmp_path, tflite_models):
    tflite_models.pair_bundle(tmp_path / "pair.edgekit")

    def run(*arguments, **changes):
        program = Path(sys.executable).with_name("edgekit")
        environment = {**os.environ, "PYTHONPATH": str(installed), **changes}
        return subprocess.run(
            [program, *arguments], capture_output=True, text=True, cwd=tmp_path, env=environment
        )

    return run


@pytest.fixture
def instrument():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Instrument) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"scpi:host=127.0.0.1,port={server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_run_with_the_target_and_the_meter_of_the_package(edgekit, instrument):
    power = ("--power", instrument, "--idle-seconds", "0.2")
    windows = ("--windows", "3", "--window-seconds", "0.2")
    done = edgekit("benchmark", "pair.edgekit", "--on", "piped", *windows, *power, "--json")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["target"] == "piped"
    assert data["environment"]["interpreter"] == "ai-edge-litert"
    energy = data["energy"]
    assert energy["meter"]["device"] == "ACME,PS1,42,1.0"
    per_window = [w["seconds"] / w["runs"] * WATTS * 1e6 for w in data["windows"]]
    assert energy["per_inference"]["samples"] == pytest.approx(per_window, rel=0.01)
    assert energy["idle_power"]["value"] == pytest.approx(WATTS * 1e3)


def test_doctor_lists_the_meter(edgekit):
    data = json.loads(edgekit("doctor", "--json").stdout)
    assert data["meters"]["scpi"]["status"] == "absent"
    assert "nothing listens" in data["meters"]["scpi"]["detail"]


@pytest.mark.parametrize(
    ("arguments", "changes", "message"),
    [
        (("--power", "scpi:host=127.0.0.1,port=9"), {}, "power meter 'scpi': no connection"),
        (("--power", "scpi:prot=1"), {}, "did you mean port"),
        (("--on", "pipe"), {}, "did you mean piped"),
        (("--on", "piped", "-d", "pixel-8"), {}, "it takes no device"),
        (("--on", "piped"), {"EDGEKIT_PIPED": "false"}, "the other end hung up"),
        (("--on", "piped", "--pin", "9999"), {}, "pin is '9999'"),
    ],
)
def test_what_goes_wrong_is_one_error(edgekit, arguments, changes, message):
    done = edgekit("benchmark", "pair.edgekit", "--quick", *arguments, **changes)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
