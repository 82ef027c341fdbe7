"""The command line as a whole: help, exit statuses, and errors as text and as JSON."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from edgekit.cli import main as main_module
from edgekit.cli.main import cli

HEAVY = ("numpy", "rich", "onnx", "onnxruntime", "tensorflow", "torch", "platformdirs", "PIL")
FULL = Path("/dev/full")
COMMANDS = cli.list_commands(None)


@pytest.fixture
def broken(monkeypatch, tmp_path):
    """Add a subcommand `broken` whose body is given; it takes the usual options."""

    def add(body):
        name = f"broken_{abs(hash(body))}"
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        (tmp_path / f"{name}.py").write_text(
            "import click\n"
            "from edgekit.cli.output import output_options\n"
            "@click.command()\n"
            "@output_options\n"
            f"def command(output):\n{lines}\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setitem(main_module._COMMANDS, "broken", (name, "Fails."))

    return add


def test_help_lists_every_command_with_an_example(succeed):
    text = succeed("--help")
    assert "Example: edgekit build" in text
    for name in COMMANDS:
        assert f"\n  {name} " in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_examples_and_the_common_options(succeed, name):
    text = succeed(name, "--help")
    assert f"\n    edgekit {name}" in text.partition("Examples:")[2]
    command = cli.get_command(None, name)
    if isinstance(command, click.Group):
        text = min((succeed(name, each, "--help") for each in command.commands), key=len)
    for option in ("--json", "--quiet", "--verbose", "--debug"):
        assert option in text


def test_help_loads_nothing_heavy(tmp_path):
    code = (
        "import sys\n"
        "from edgekit.cli.main import cli\n"
        "cli.main(['--help'], prog_name='edgekit', standalone_mode=False)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.splitlines()[-1] == "[]", result.stderr


def test_help_takes_less_than_three_tenths_of_a_second(edgekit):
    # CPU time, not wall time; the least of five, because the machine may be busy.
    assert min(cpu_seconds(edgekit, "--help") for _ in range(5)) < 0.3


def cpu_seconds(edgekit, *arguments):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert edgekit(*arguments).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def test_version(succeed):
    import edgekit

    assert succeed("--version") == f"edgekit {edgekit.__version__}\n"


def test_an_unknown_command_is_a_usage_error_with_the_nearest_names(run_main):
    status, out, err = run_main("inspekt", "x")
    assert (status, out) == (2, "")
    assert "No such command 'inspekt'. Did you mean inspect" in err


def test_a_command_that_resembles_nothing_points_to_the_help(run_main):
    status, _, err = run_main("qqqq")
    assert status == 2
    assert "See edgekit --help." in err


def test_an_option_in_place_of_a_command_is_a_usage_error(run_main):
    status, _, err = run_main("--nothing")
    assert status == 2
    assert "--nothing" in err


def test_no_command_prints_the_help(run_main):
    _, out, err = run_main()
    assert "Commands:" in out + err


@pytest.mark.parametrize("arguments", [("build",), ("devices", "--nope"), ("completion", "cmd")])
def test_usage_errors_exit_with_2(run_main, arguments):
    status, out, err = run_main(*arguments)
    assert (status, out) == (2, "")
    assert f"Try 'edgekit {arguments[0]} --help'" in err


def test_usage_errors_are_json_where_asked_for(run_main):
    status, out, err = run_main("devices", "--nope", "--json")
    assert status == 2
    found = json.loads(out)
    assert found["error"] == "UsageError"
    assert "--nope" in found["message"]
    assert found["hint"] == "edgekit devices --help"
    assert "--nope" in err


def test_errors_of_the_work_exit_with_1_and_say_what_to_do(run_main):
    status, out, err = run_main("devices", "pixel8")
    assert (status, out) == (1, "")
    assert err == "error: unknown device 'pixel8'\n  -> did you mean pixel-8?\n"


def test_errors_of_the_work_are_json_on_standard_output_and_text_beside_it(run_main):
    status, out, err = run_main("devices", "pixel8", "--json")
    assert status == 1
    assert json.loads(out) == {
        "error": "UnknownNameError",
        "message": "unknown device 'pixel8'",
        "details": [],
        "hint": "did you mean pixel-8?",
    }
    assert err.startswith("error: unknown device 'pixel8'\n")


def test_an_unexpected_exception_is_one_line_without_debug(run_main, broken):
    broken("raise ZeroDivisionError('first line\\nsecond line')")
    status, out, err = run_main("broken")
    assert (status, out) == (1, "")
    first, hint = err.splitlines()
    assert first == "error: unexpected ZeroDivisionError: first line"
    assert "--debug" in hint


def test_debug_shows_where_it_came_from(run_main, broken):
    broken("raise ZeroDivisionError('deep inside')")
    status, _, err = run_main("broken", "--debug")
    assert status == 1
    assert "Traceback" in err
    assert "raise ZeroDivisionError" in err
    assert err.endswith("report it\n")


def test_an_error_of_the_system_names_the_file(run_main, broken):
    broken("open('/no/such/place')")
    status, out, err = run_main("broken", "--json")
    assert status == 1
    assert json.loads(out)["error"] == "RefusedBySystemError"
    assert err.startswith("error: /no/such/place: No such file or directory\n")


@pytest.mark.parametrize("body", ["raise KeyboardInterrupt", "raise click.Abort"])
def test_an_interruption_says_so(run_main, broken, body):
    broken(body)
    status, out, err = run_main("broken", "--json")
    assert status == 1
    assert json.loads(out)["error"] == "InterruptedRunError"
    assert err.strip() == "error: interrupted; nothing was left behind"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_interrupt_a_running_command(tmp_path, tflite_models, number):
    tflite_models.conv_bundle(tmp_path / "net.edgekit")
    code = "from edgekit.cli.main import main; print('ready', flush=True); main()"
    arguments = ["benchmark", "net.edgekit", "--window-seconds", "600", "-o", "result.json"]
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(1.5)  # until it measures
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == ""
    assert err.splitlines()[-1] == "error: interrupted; nothing was left behind"
    assert [item.name for item in tmp_path.iterdir()] == ["net.edgekit"]


def test_ctrl_c_shows_the_windows_that_there_are(tmp_path, tflite_models):
    tflite_models.conv_bundle(tmp_path / "net.edgekit")
    code = "from edgekit.cli.main import main; main()"
    arguments = ["benchmark", "net.edgekit", "--windows", "100000", "--window-seconds", "0.01"]
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments, "-o", "result.json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while process.stderr.readline() != "[3/3] measure\n":
            pass
        time.sleep(2)  # until some windows are whole
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "UNSTABLE: it was interrupted" in out
    assert re.match(r"error: interrupted after \d+ of 100000 windows; nothing was left behind", err)
    assert [item.name for item in tmp_path.iterdir()] == ["net.edgekit"]


@pytest.mark.parametrize("arguments", [["devices"], ["devices", "--json"], ["--help"]])
def test_a_reader_that_goes_away_is_no_reason_to_complain(tmp_path, arguments):
    code = "import time; time.sleep(0.5); from edgekit.cli.main import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.close()
        err = process.stderr.read()
    assert err == ""
    assert process.returncode == 1


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a full device")
@pytest.mark.parametrize(
    "arguments", [["devices"], ["devices", "--json"], ["devices", "none", "--json"]]
)
def test_a_full_disk_under_standard_output_is_one_error(arguments):
    code = "from edgekit.cli.main import main; main()"
    with FULL.open("w") as full:
        result = subprocess.run(
            [sys.executable, "-c", code, *arguments], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert result.returncode == 1
    assert result.stderr.count("error:") == 1
    assert "Traceback" not in result.stderr
    assert "Exception ignored" not in result.stderr


def test_names_that_are_no_text_are_printed_all_the_same(tmp_path, edgekit, tflite_models):
    name = os.fsdecode(b"\xff[red].edgekit")
    tflite_models.conv_bundle(tmp_path / name)
    for options in ([], ["--json"]):
        result = edgekit("inspect", name, *options)
        assert result.returncode == 0, result.stderr
        assert "\\udcff[red].edgekit" in result.stdout
