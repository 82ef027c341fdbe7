"""Profiles are found by name, folder, path and environment, and read strictly."""

import os
import re
from pathlib import Path

import pytest

from edgekit.device_profiles import (
    PATH_VARIABLE,
    DeviceKind,
    IsaFeature,
    ProfileError,
    device_names,
    load_profile,
)
from edgekit.errors import UnknownNameError, UnreadableFileError

GOOD = """
title = "Board"
kind = "mcu"
runtime = "tflite-micro"

[soc]
value = "X1"
source = "data sheet"

[core]
value = "Cortex-M4F"
source = "data sheet"

[clock_hz]
value = 100_000_000
source = "data sheet"

[ram_bytes]
value = 65536
source = "unverified: a guess"
"""
DOCS = Path(__file__).parents[2] / "docs" / "device-profiles.md"


@pytest.fixture(autouse=True)
def _no_user_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PATH_VARIABLE, raising=False)


def write(path: Path, text: str = GOOD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_path(tmp_path: Path) -> None:
    path = write(tmp_path / "my-board.toml")
    profile = load_profile(path)
    assert profile == load_profile(str(path))
    assert (profile.name, profile.path, profile.kind) == ("my-board", path, DeviceKind.MCU)
    assert profile.clock_hz.value == 100_000_000
    assert profile.clock_hz.verified
    assert not profile.ram_bytes.verified
    assert profile.flash_bytes is None
    assert set(profile.figures()) == {"soc", "core", "clock_hz", "ram_bytes"}


def test_to_json() -> None:
    data = load_profile("nucleo-l4r5zi").to_json()
    assert data["kind"] == "mcu"
    assert data["figures"]["isa_features"]["value"] == ["dsp", "fpu"]
    assert data["figures"]["clock_hz"]["value"] == 120_000_000
    assert data["figures"]["clock_hz"]["verified"] is True


def test_folder_goes_before_ours(tmp_path: Path) -> None:
    write(tmp_path / "my-board.toml")
    path = write(tmp_path / "pixel-8.toml")
    assert load_profile("my-board", folders=[tmp_path]).title == "Board"
    assert load_profile("pixel-8", folders=[tmp_path]).path == path
    assert load_profile("nucleo-l4r5zi", folders=[tmp_path]).title == "ST NUCLEO-L4R5ZI"
    assert "my-board" in device_names(folders=[tmp_path])
    assert "my-board" not in device_names()


def test_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "one" / "first-board.toml")
    write(tmp_path / "two" / "second-board.toml")
    monkeypatch.setenv(PATH_VARIABLE, f"{tmp_path / 'one'}{os.pathsep}{tmp_path / 'two'}")
    assert load_profile("first-board").name == "first-board"
    assert load_profile("second-board").name == "second-board"
    assert {"first-board", "second-board", "pixel-8"} <= set(device_names())


def test_a_folder_that_is_not_there_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PATH_VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(UnreadableFileError, match=r"gone.*no such folder"):
        load_profile("pixel-8")


def test_unknown_name_offers_the_nearest(tmp_path: Path) -> None:
    write(tmp_path / "nucleo-mine.toml")
    with pytest.raises(UnknownNameError) as caught:
        load_profile("nucleo-l4r5", folders=[tmp_path])
    assert caught.value.near[0] == "nucleo-l4r5zi"
    assert "nucleo-mine" in caught.value.near


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"none\.toml: No such file"):
        load_profile(tmp_path / "none.toml")


BAD = [
    ("title = ", None, "not valid TOML"),
    (GOOD.replace('title = "Board"', ""), "title", "is missing"),
    (GOOD.replace('title = "Board"', "title = 3"), "title", "must be a text"),
    (GOOD.replace('"mcu"', '"toaster"'), "kind", "must be one of phone, linux, mcu"),
    (GOOD.replace('"mcu"', '["mcu"]'), "kind", "must be one of phone, linux, mcu"),
    (GOOD.replace('"tflite-micro"', '"tflite-mcro"'), "runtime", "unknown runtime"),
    (GOOD.replace("[core]", "[cpu]"), "core", "is missing"),
    (GOOD + '\n[speed]\nvalue = 1\nsource = "x"', "speed", "not a known field"),
    (GOOD + "\nunit = 'byte'", "ram_bytes.unit", "not a known field"),
    (GOOD.replace('source = "unverified: a guess"', ""), "ram_bytes.source", "is missing"),
    (GOOD.replace('"unverified: a guess"', '" "'), "ram_bytes.source", "must be a text"),
    (GOOD.replace("value = 65536", ""), "ram_bytes.value", "is missing"),
    (GOOD.replace("65536", "-65536"), "ram_bytes.value", "above zero, not -65536"),
    (GOOD.replace("65536", "0"), "ram_bytes.value", "above zero"),
    (GOOD.replace("65536", "65536.0"), "ram_bytes.value", "whole number"),
    (GOOD.replace("65536", "true"), "ram_bytes.value", "whole number"),
    (GOOD.replace("65536", '"64 KB"'), "ram_bytes.value", "whole number"),
    (
        "ram_bytes = 65536\n" + GOOD.split("[ram_bytes]", maxsplit=1)[0],
        "ram_bytes",
        "must be a table",
    ),
    (GOOD + '\n[voltage_v]\nvalue = -1.8\nsource = "x"', "voltage_v.value", "above zero"),
    (GOOD + '\n[voltage_v]\nvalue = nan\nsource = "x"', "voltage_v.value", "above zero"),
    (GOOD + '\n[voltage_v]\nvalue = inf\nsource = "x"', "voltage_v.value", "above zero"),
    (GOOD + '\n[isa_features]\nvalue = ["dps"]\nsource = "x"', "isa_features.value", "list of dsp"),
    (GOOD + '\n[isa_features]\nvalue = "dsp"\nsource = "x"', "isa_features.value", "list of dsp"),
]


@pytest.mark.parametrize(("text", "key", "why"), BAD, ids=[f"{key}-{why}" for _, key, why in BAD])
def test_bad_file_names_file_and_key(tmp_path: Path, text: str, key: str | None, why: str) -> None:
    path = write(tmp_path / "bad.toml", text)
    with pytest.raises(ProfileError, match=re.escape(why)) as caught:
        load_profile(path)
    assert caught.value.key == key
    assert str(path) in caught.value.message
    assert key is None or key in caught.value.message
    assert caught.value.hint


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(b'title = "\xff"')
    with pytest.raises(ProfileError, match="not valid TOML"):
        load_profile(path)


def test_extends(tmp_path: Path) -> None:
    write(tmp_path / "board.toml", GOOD + '\n[isa_features]\nvalue = ["dsp"]\nsource = "x"')
    write(
        tmp_path / "fast.toml",
        'extends = "board"\ntitle = "Fast"\n[clock_hz]\nvalue = 2\nsource = "measured"',
    )
    path = write(tmp_path / "faster.toml", 'extends = "fast"\nkernel_library = "cmsis-nn"')
    profile = load_profile(path)
    assert (profile.name, profile.title, profile.clock_hz.value) == ("faster", "Fast", 2)
    assert (profile.kernel_library, profile.soc.value) == ("cmsis-nn", "X1")
    assert profile.isa_features.value == {IsaFeature.DSP}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('extends = "other"', "leads back"),
        ('extends = "me"', "leads back"),
        ('extends = "nucleo"', "unknown device 'nucleo'"),
        ("extends = 3", "must be a text"),
    ],
)
def test_bad_extends(tmp_path: Path, text: str, why: str) -> None:
    write(tmp_path / "other.toml", 'extends = "me"')
    with pytest.raises(ProfileError, match=why) as caught:
        load_profile(write(tmp_path / "me.toml", text))
    assert caught.value.key == "extends"


def test_error_in_a_base_names_the_base(tmp_path: Path) -> None:
    base = write(tmp_path / "base.toml", GOOD.replace("65536", "-1"))
    with pytest.raises(ProfileError) as caught:
        load_profile(write(tmp_path / "me.toml", 'extends = "base"'))
    assert caught.value.path == base


def test_examples_of_the_docs_load(tmp_path: Path) -> None:
    examples = re.findall(r"```toml\n(.*?)```", DOCS.read_text(), flags=re.DOTALL)
    assert len(examples) == 2
    board, extended = (
        load_profile(write(tmp_path / f"example-{number}.toml", text))
        for number, text in enumerate(examples)
    )
    assert board.ram_bytes.value == 512 * 1024
    assert not board.active_power_mw.verified
    assert (extended.voltage_v.value, extended.soc.value) == (3.0, "STM32L4R5ZI")


def test_docs_list_every_field() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \| figure", DOCS.read_text(), flags=re.MULTILINE))
    board = load_profile("nucleo-l4r5zi")
    assert set(board.figures()) <= listed
    assert set(load_profile("nucleo-l4r5zi").runtime.__slots__) - {"name", "title"} <= listed


COEFFICIENT = '[cycles_per_instruction]\nsource = "measured"\nvalue = '


def test_a_coefficient_has_its_range(tmp_path: Path) -> None:
    text = f"{GOOD}\n{COEFFICIENT}{{ typical = 1.5, low = 1, high = 2.0 }}"
    figure = load_profile(write(tmp_path / "board.toml", text)).cycles_per_instruction
    assert (figure.value.low, figure.value.typical, figure.value.high) == (1.0, 1.5, 2.0)
    assert str(figure.value) == "1.5 (1 to 2)"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("1.5", "a table of typical, low, high"),
        ("{ typical = 1.5, low = 1.0 }", "a table of typical, low, high"),
        ("{ typical = 3, low = 1, high = 2 }", "between low and high"),
        ("{ typical = 0, low = 0, high = 2 }", "a number above zero"),
    ],
)
def test_bad_coefficients(tmp_path: Path, value: str, why: str) -> None:
    with pytest.raises(ProfileError, match=why):
        load_profile(write(tmp_path / "board.toml", f"{GOOD}\n{COEFFICIENT}{value}"))
