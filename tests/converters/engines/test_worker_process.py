"""Child processes: commands and replies, crashes, and nothing left running."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from edgekit.converters.engines.base import EngineError
from edgekit.converters.engines.worker_process import StepFailedError, WorkerProcess

# Commands that do what engines and the packages below them do, or fail to.
CHILD = """
    import os, subprocess, sys, time
    from edgekit.converters.engines.worker_loop import serve

    def fail(arguments):
        raise ValueError(arguments["text"])

    def die(arguments):
        os.kill(os.getpid(), arguments["signal"])

    def half(arguments):
        os.write(int(sys.argv[1]), b'{"half": ')
        os._exit(5)

    def wait(arguments):
        child = subprocess.Popen(["sleep", "300"])
        with open("waiting", "w") as file:
            file.write(f"{os.getpid()} {child.pid} ")
        time.sleep(300)

    serve({
        "echo": lambda arguments: arguments,
        "where": lambda arguments: {"cwd": os.getcwd(), "group": os.getpgrp()},
        "say": lambda arguments: print(arguments["text"], flush=True) or {},
        "grumble": lambda arguments: print(arguments["text"], file=sys.stderr) or {},
        "large": lambda arguments: {"text": "x" * arguments["size"]},
        "leave": lambda arguments: sys.exit(arguments["status"]),
        "fail": fail, "die": die, "half": half, "wait": wait,
    })
"""


@pytest.fixture
def start(tmp_path):
    """Start the child in a folder of its own; it is closed after the test."""
    (tmp_path / "edgekit_test_child.py").write_text(textwrap.dedent(CHILD))
    folder = tmp_path / "folder"
    folder.mkdir()
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    started = []

    def run(module="edgekit_test_child"):
        worker = WorkerProcess(
            module, folder=folder, log=tmp_path / "log", environment={"PYTHONPATH": path}
        )
        started.append(worker)
        return worker

    yield run
    for worker in started:
        worker.close()


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def is_running(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def waiting_processes(folder):
    """Return the ids of the child and the grandchild once both run."""
    until(
        lambda: (folder / "waiting").exists() and (folder / "waiting").read_text().count(" ") == 2
    )
    return [int(pid) for pid in (folder / "waiting").read_text().split()]


def test_commands_are_answered_one_after_the_other(start, tmp_path):
    worker = start()
    assert worker.call("echo", x=[1, "ä\n"]) == {"command": "echo", "x": [1, "ä\n"]}
    assert worker.call("large", size=300_000) == {"text": "x" * 300_000}
    place = worker.call("where")
    assert place["cwd"] == str(tmp_path / "folder")
    assert place["group"] != os.getpgrp()  # Ctrl-C in a terminal does not reach it


def test_what_it_prints_goes_to_the_log(start, tmp_path, capfd):
    worker = start()
    worker.call("say", text="on stdout")
    worker.call("grumble", text="on stderr")
    worker.close()
    assert sorted((tmp_path / "log").read_text().split("\n")) == ["", "on stderr", "on stdout"]
    assert capfd.readouterr() == ("", "")


def test_a_failed_command_leaves_it_working(start, tmp_path):
    worker = start()
    with pytest.raises(StepFailedError) as caught:
        worker.call("fail", text="\n  first\nsecond")
    error = caught.value
    assert error.message == "the fail step failed: ValueError: first"
    assert error.text == "ValueError: \n  first\nsecond"
    assert (error.step, error.log) == ("fail", tmp_path / "log")
    assert str(tmp_path / "log") in error.hint
    assert 'raise ValueError(arguments["text"])' in (tmp_path / "log").read_text()
    with pytest.raises(StepFailedError, match="the leave step failed: SystemExit: 3"):
        worker.call("leave", status=3)
    assert worker.call("echo") == {"command": "echo"}


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_error_without_words(text, tmp_path):
    error = StepFailedError("lower", text, log=tmp_path)
    assert error.message == "the lower step failed: no reason given"


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGSEGV])
def test_a_crash_is_an_error_and_so_is_every_command_after_it(start, kind):
    worker = start()
    with pytest.raises(EngineError, match=rf"the die step crashed \(exit status -{kind:d}\)"):
        worker.call("die", signal=kind)
    with pytest.raises(EngineError, match="the echo step crashed"):
        worker.call("echo", x="y" * 100_000)
    worker.close()


def test_half_a_reply_is_a_crash(start):
    with pytest.raises(EngineError, match=r"the half step crashed \(exit status 5\)"):
        start().call("half")


def test_a_module_that_does_not_start(start, tmp_path):
    worker = start("edgekit_test_no_such_module")
    with pytest.raises(EngineError, match="the echo step crashed"):
        worker.call("echo", x="y" * 200_000)
    assert "edgekit_test_no_such_module" in (tmp_path / "log").read_text()


def test_closing_ends_it_and_what_it_started(start, tmp_path):
    worker = start()
    with pytest.raises(KeyboardInterrupt), InterruptedOnceWaiting(tmp_path / "folder"):
        worker.call("wait")
    child, grandchild = waiting_processes(tmp_path / "folder")
    until(lambda: not is_running(child) and not is_running(grandchild))
    with pytest.raises(EngineError, match="the echo step crashed"):
        worker.call("echo")  # and does not take the reply that never came for its own
    worker.close()
    worker.close()


class InterruptedOnceWaiting:
    """Send Ctrl-C to this process when the child waits."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        self.before = signal.signal(signal.SIGINT, signal.default_int_handler)
        script = (
            "import os, sys, time, signal\n"
            "while not os.path.exists(sys.argv[1]): time.sleep(0.05)\n"
            "time.sleep(0.2); os.kill(int(sys.argv[2]), signal.SIGINT)\n"
        )
        arguments = [str(self.folder / "waiting"), str(os.getpid())]
        self.sender = subprocess.Popen([sys.executable, "-c", script, *arguments])

    def __exit__(self, *_):
        self.sender.wait()
        signal.signal(signal.SIGINT, self.before)


@pytest.mark.parametrize("command", ["echo", "wait"])
def test_it_ends_by_itself_when_its_parent_is_killed(tmp_path, start, command):
    start().close()  # writes the child's module
    script = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from edgekit.converters.engines.worker_process import WorkerProcess
        worker = WorkerProcess("edgekit_test_child", folder=Path({str(tmp_path)!r}),
                               log=Path({str(tmp_path / "log")!r}), environment={{}})
        print(worker._process.pid, flush=True)
        worker.call({command!r})
        print("done", flush=True)
        time.sleep(300)
    """)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    pids = [int(parent.stdout.readline())]
    if command == "wait":
        pids = waiting_processes(tmp_path)
    else:
        parent.stdout.readline()
    assert all(map(is_running, pids))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: not any(map(is_running, pids)))


def test_no_descriptors_are_left_open(start):
    before = len(psutil.Process().open_files()) + psutil.Process().num_fds()
    worker = start()
    worker.call("echo")
    worker.close()
    assert len(psutil.Process().open_files()) + psutil.Process().num_fds() == before
