"""`edgekit devices` shows what is known of devices, and where it is known from."""

import json

import pytest

from edgekit.cli.devices import complete_device
from edgekit.device_profiles import PATH_VARIABLE, device_names, load_profile

OWN = """
title = "My [bold] board"
kind = "mcu"
runtime = "tflite-micro"
soc = { value = "chip", source = "its marking" }
core = { value = "Cortex-M4", source = "unverified: a forum" }
clock_hz = { value = 80_000_000, source = "data sheet" }
"""


@pytest.fixture
def boards(tmp_path):
    folder = tmp_path / "boards"
    folder.mkdir()
    (folder / "my-board.toml").write_text(OWN)
    return folder


def rows(text):
    return [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in text.splitlines()
        if line.startswith("│")
    ]


def test_all_devices_are_listed_by_their_whole_names(succeed):
    names = [row[0] for row in rows(succeed("devices")) if row[0]]
    assert names == list(device_names())


def test_all_devices_as_json(succeed):
    data = json.loads(succeed("devices", "--json"))
    assert data == [load_profile(name).to_json() for name in device_names()]


@pytest.mark.parametrize("name", device_names())
def test_every_figure_of_a_device_has_its_source(succeed, name):
    profile = load_profile(name)
    text = succeed("devices", name)
    figures = {row[0]: row for row in rows(text)}
    joined = "".join(text.replace("│", "").split())
    for figure, sourced in profile.figures().items():
        assert figures[figure][2] == ("yes" if sourced.verified else "NO")
        assert all(word in joined for word in sourced.source.split())
    assert profile.runtime.title in text
    data = json.loads(succeed("devices", name, "--json"))
    assert data["figures"] == profile.to_json()["figures"]
    assert data["runtime_figures"]["release"]["source"] == profile.runtime.release.source


def test_a_profile_of_the_users_own(succeed, boards, monkeypatch):
    text = succeed("devices", "my-board", "--folder", boards)
    assert "My [bold] board" in text
    figures = {row[0]: row for row in rows(text)}
    assert figures["core"][2] == "NO"
    assert figures["clock_hz"][1:3] == ["80,000,000", "yes"]
    assert "my-board" in succeed("devices", "--folder", boards)
    assert "My [bold] board" in succeed("devices", boards / "my-board.toml")
    monkeypatch.setenv(PATH_VARIABLE, str(boards))
    assert "my-board" in succeed("devices")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("raspberry-pi-4",), "unknown device 'raspberry-pi-4'"),
        (("none.toml",), "cannot read none.toml"),
        (("--folder", "nowhere"), "cannot read nowhere: there is no such folder"),
        (("bad", "--folder", "boards"), "bad.toml, 'kind': must be one of"),
        (("--folder", "boards"), "bad.toml, 'kind': must be one of"),
    ],
)
def test_what_is_not_there_is_one_error(run_main, boards, arguments, message):
    (boards / "bad.toml").write_text(OWN.replace('"mcu"', '"toaster"'))
    status, out, err = run_main("devices", *arguments)
    assert (status, out) == (1, "")
    assert message in err.splitlines()[0]


def test_names_complete_while_typing(monkeypatch):
    names = [item.value for item in complete_device(None, None, "raspberry-pi-")]
    assert names == ["raspberry-pi-4b", "raspberry-pi-pico", "raspberry-pi-zero-2w"]
    monkeypatch.setenv(PATH_VARIABLE, "/no/such/folder")
    assert complete_device(None, None, "") == []
