"""Runtime files: operators, versions, types, and what breaks the schema."""

import re
from pathlib import Path

import pytest

from edgekit.device_profiles import (
    OperatorSupport,
    ProfileError,
    load_profile,
    load_runtime,
    runtime_names,
)
from edgekit.errors import UnknownNameError

GOOD = """
title = "Mine"
release = { value = "1.0", source = "notes" }
checks_versions = { value = true, source = "notes" }
dtypes = { value = ["int8", "float32"], source = "notes" }
per_channel_fully_connected = { value = false, source = "notes" }
[operators]
source = "notes"
[operators.value]
ADD = { versions = [2, 4], dtypes = ["int8"] }
MUL = { versions = [1, 1] }
"""


def write(folder: Path, text: str = GOOD) -> Path:
    path = folder / "runtimes" / "mine.toml"
    path.parent.mkdir()
    path.write_text(text)
    return path


def test_a_runtime_of_the_user(tmp_path: Path) -> None:
    write(tmp_path)
    runtime = load_runtime("mine", folders=[tmp_path])
    assert (runtime.name, runtime.release.value) == ("mine", "1.0")
    assert runtime.operators.value["ADD"] == OperatorSupport(2, 4, frozenset({"int8"}))
    assert [runtime.supports("ADD", version) for version in range(1, 6)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert not runtime.supports("SUB")
    assert (runtime.max_version("ADD"), runtime.max_version("SUB")) == (4, None)
    assert (runtime.dtypes_of("ADD"), runtime.dtypes_of("MUL")) == (frozenset({"int8"}), None)
    assert runtime.dtypes_of("SUB") is None
    assert runtime.max_rank is None
    assert runtime.per_channel_fully_connected_since is None
    assert runtime_names([tmp_path]) == ("litert", "mine", "tflite-micro")
    assert runtime_names() == ("litert", "tflite-micro")


def test_a_profile_finds_the_runtime_beside_it(tmp_path: Path) -> None:
    write(tmp_path)
    board = tmp_path / "board.toml"
    board.write_text('extends = "pixel-8"\nruntime = "mine"')
    assert load_profile(board).runtime.title == "Mine"


def test_unknown_runtime() -> None:
    with pytest.raises(UnknownNameError) as caught:
        load_runtime("tflite")
    assert "tflite-micro" in caught.value.near


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ("true", '"yes"', "checks_versions.value", "must be true or false"),
        ("true", "false", "operators.value.ADD", "versions exactly where"),
        ("versions = [1, 1]", "", "operators.value.MUL", "versions exactly where"),
        ("[2, 4]", "[4, 2]", "operators.value.ADD.versions", "two whole numbers"),
        ("[2, 4]", "4", "operators.value.ADD.versions", "two whole numbers"),
        ('["int8"]', "[]", "operators.value.ADD.dtypes", "names of data types"),
        ("dtypes = [", "types = [", "operators.value.ADD.types", "not a known field"),
        ("{ versions = [1, 1] }", "1", "operators.value.MUL", "must be a table"),
        ('"notes"\n[operators.value]', '""\n[operators.value]', "operators.source", "a text"),
        ("[operators.value]", "value = 1\n[other]", "operators.value", "table of operators"),
        ('title = "Mine"', 'title = "Mine"\nspeed = 1', "speed", "not a known field"),
    ],
)
def test_bad_file_names_file_and_key(
    tmp_path: Path, old: str, new: str, key: str, why: str
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ProfileError, match=re.escape(why)) as caught:
        load_runtime("mine", folders=[tmp_path])
    assert (caught.value.key, caught.value.path) == (key, path)
