"""Targets are found by name, also those that other packages offer by entry point."""

import sys

import pytest

from edgekit.benchmarks import HostTarget, TargetError, open_target, target_names
from edgekit.device_profiles import load_profile
from edgekit.errors import UnknownNameError

MODULE = """
from edgekit.benchmarks import HostTarget, TargetError

def open_board(device):
    if device is None:
        raise TargetError("my-board", "it needs a device", hint="give --device")
    return HostTarget(backend=device.name)

def open_nothing(device):
    return 7
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put packages on the path as pip would: a module and metadata with entry points."""

    def make(name, points):
        folder = tmp_path / name
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = "".join(f"{point} = {value}\n" for point, value in points.items())
        (info / "entry_points.txt").write_text(f"[edgekit.targets]\n{lines}")
        (folder / f"{name}.py").write_text(MODULE)
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.delitem(sys.modules, name, raising=False)

    return make


def test_the_host_is_there():
    assert target_names()[0] == "host"
    assert open_target("host") == HostTarget()


def test_the_host_is_no_named_device():
    with pytest.raises(TargetError, match="this machine, not a 'nucleo-l4r5zi'"):
        open_target("host", device=load_profile("nucleo-l4r5zi"))


def test_an_unknown_name_brings_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown target 'hots'") as caught:
        open_target("hots")
    assert caught.value.near == ("host",)


def test_another_package_offers_a_target(install):
    install("boards_a", {"my-board": "boards_a:open_board"})
    assert "my-board" in target_names()
    device = load_profile("nucleo-l4r5zi")
    assert open_target("my-board", device=device) == HostTarget(backend="nucleo-l4r5zi")
    with pytest.raises(TargetError, match="it needs a device"):
        open_target("my-board")


def test_nobody_takes_the_place_of_our_own(install):
    install("boards_b", {"host": "boards_b:open_nothing"})
    assert target_names().count("host") == 1
    assert open_target("host") == HostTarget()


def test_two_packages_with_one_name_are_both_named(install):
    install("boards_c", {"my-board": "boards_c:open_board"})
    install("boards_d", {"my-board": "boards_d:open_board"})
    with pytest.raises(TargetError, match=r"offered by boards_[cd] and boards_[cd]"):
        open_target("my-board")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("boards_e:open_bord", "boards_e:open_bord cannot be loaded"),
        ("boards_missing:x", "cannot be loaded: No module named"),
        ("boards_e:open_nothing", "returned a int, which is no target"),
    ],
)
def test_a_package_that_is_broken_is_named(install, value, why):
    install("boards_e", {"my-board": value})
    with pytest.raises(TargetError, match=why) as caught:
        open_target("my-board")
    assert "boards_e" in caught.value.hint
