"""The environment is read from what a system tells, and does without what it does not."""

import json
import os
import platform

import numpy as np
import pytest

from edgekit.benchmarks import Environment, ResultFormatError, capture_environment
from edgekit.runtime import Backend, Kernels

BACKEND = Backend("ai-edge-litert", "2.3.0", Kernels.BUILTIN, 2)


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def laptop(tmp_path):
    return write(
        tmp_path,
        {
            "proc/cpuinfo": "processor\t: 0\nmodel name\t: Some CPU @ 2.5GHz\nflags\t\t: fpu vme\n",
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave\n",
            "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "powersave\n",
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq": "3500000\n",
            "sys/devices/system/cpu/cpu1/cpufreq/scaling_max_freq": "<unknown>\n",
            "sys/devices/system/cpu/cpufreq/policy0/scaling_governor": "not a core\n",
        },
    )


def test_what_the_system_tells(laptop):
    environment = capture_environment(BACKEND, root=laptop)
    assert environment.cpu_model == "Some CPU @ 2.5GHz"
    assert environment.governor == "powersave"
    assert environment.frequency_max_hz == 3_500_000_000
    assert environment.affinity == tuple(sorted(os.sched_getaffinity(0)))
    assert environment.virtualization is None


def test_software_is_named_with_its_versions(laptop):
    environment = capture_environment(BACKEND, root=laptop)
    assert environment.interpreter == "ai-edge-litert"
    assert environment.interpreter_version == "2.3.0"
    assert environment.kernels == "builtin"
    assert environment.threads == 2
    assert environment.logical_cores == os.cpu_count()
    assert environment.machine == platform.machine()
    assert platform.python_version() in environment.python
    assert environment.numpy == np.__version__
    assert environment.edgekit[0].isdigit()


def test_governors_that_differ_are_all_named(laptop):
    name = "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor"
    write(laptop, {name: "performance\n"})
    assert capture_environment(BACKEND, root=laptop).governor == "performance, powersave"


def test_a_board_names_itself_in_the_device_tree(tmp_path):
    files = {
        "proc/cpuinfo": "processor\t: 0\nHardware\t: BCM2835\n",
        "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
    }
    write(tmp_path, files)
    environment = capture_environment(BACKEND, root=tmp_path)
    assert environment.cpu_model == "Raspberry Pi 4 Model B Rev 1.4"
    (tmp_path / "proc/device-tree/model").unlink()
    assert capture_environment(BACKEND, root=tmp_path).cpu_model == "BCM2835"


def test_what_a_system_does_not_tell_is_none(tmp_path):
    environment = capture_environment(BACKEND, root=tmp_path)
    assert environment.cpu_model
    assert environment.governor is None
    assert environment.frequency_max_hz is None
    assert environment.virtualization is None


@pytest.mark.parametrize(
    ("files", "hint"),
    [
        ({"proc/cpuinfo": "flags\t: fpu hypervisor lahf_lm\n"}, "hypervisor"),
        ({"proc/device-tree/hypervisor/compatible": "linux,kvm"}, "hypervisor"),
        ({".dockerenv": ""}, "docker"),
        ({"run/.containerenv": ""}, "podman"),
        ({"proc/cpuinfo": "flags\t: hypervisor\n", ".dockerenv": ""}, "hypervisor, docker"),
    ],
)
def test_signs_of_virtualization_are_named(tmp_path, files, hint):
    environment = capture_environment(BACKEND, root=write(tmp_path, files))
    assert environment.virtualization == hint


def test_json_gives_the_same_back():
    environment = capture_environment(BACKEND)
    assert Environment.from_json(json.loads(json.dumps(environment.to_json()))) == environment


@pytest.mark.parametrize("data", [None, [], {}, {"affinity": ["x"]}, {"affinity": [0]}])
def test_json_that_is_not_ours_is_refused(data):
    with pytest.raises(ResultFormatError, match="this is no environment"):
        Environment.from_json(data)
