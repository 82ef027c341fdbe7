"""The cache: whole entries or none, also with others at work in it, and with damage."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edgekit.converters.cache import Cache, default_cache_folder
from edgekit.errors import WriteError


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def store(cache, key, text="content"):
    with cache.store(key) as folder:
        (folder / "data.txt").write_text(text)
    return cache.folder / key


def test_what_was_stored_is_found(cache):
    assert cache.find("key") is None
    assert cache.entries() == ()
    entry = store(cache, "key")
    assert cache.find("key") == entry
    assert (entry / "data.txt").read_text() == "content"


def test_keys_depend_on_every_part_and_not_on_their_order():
    parts = {"engine": "a 1", "onnx": "ff", "n": 1}
    assert Cache.key(parts) == Cache.key(dict(reversed(parts.items())))
    assert len({Cache.key(parts), Cache.key(parts | {"n": 2}), Cache.key({})}) == 3
    assert len(Cache.key(parts)) == 64


def test_the_folder_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("EDGEKIT_CACHE_DIR", str(tmp_path / "mine"))
    assert Cache().folder == default_cache_folder() == tmp_path / "mine"
    monkeypatch.delenv("EDGEKIT_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_cache_folder() == tmp_path / "xdg" / "edgekit"


@pytest.mark.parametrize(
    "damage",
    [
        lambda entry: (entry / "data.txt").write_text("Content"),
        lambda entry: (entry / "data.txt").unlink(),
        lambda entry: (entry / "sha256.json").unlink(),
        lambda entry: (entry / "sha256.json").write_text("{"),
        lambda entry: (entry / "sha256.json").write_text("[]"),
        lambda entry: (entry / "sha256.json").write_bytes(b"\xff\xfe"),
        lambda entry: os.truncate(entry / "data.txt", 3),
    ],
)
def test_a_damaged_entry_counts_as_absent_and_can_be_stored_again(cache, damage):
    entry = store(cache, "key")
    damage(entry)
    assert cache.find("key") is None
    assert list(cache.folder.iterdir()) == []
    assert cache.find("key") is None
    store(cache, "key")
    assert cache.find("key") == entry


def test_asking_for_what_is_not_there_touches_nothing(cache):
    """Another process may be about to put it there."""
    store(cache, "key")
    before = sorted(cache.folder.rglob("*"))
    assert cache.find("other") is None
    assert sorted(cache.folder.rglob("*")) == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_an_error_inside_leaves_nothing(cache, error):
    with pytest.raises(error), cache.store("key") as folder:  # noqa: PT012
        (folder / "half").write_text("written")
        raise error
    assert list(cache.folder.iterdir()) == []
    assert cache.find("key") is None


def test_the_first_of_two_that_store_the_same_wins(cache):
    with cache.store("key") as outer:
        (outer / "data.txt").write_text("second")
        store(cache, "key", "first")
    assert (cache.find("key") / "data.txt").read_text() == "first"
    assert [path.name for path in cache.folder.iterdir()] == ["key"]


WRITER = """
import sys, time
from pathlib import Path
from edgekit.converters.cache import Cache
cache = Cache(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    key = f"key{number}"
    if cache.find(key) is None:
        with cache.store(key) as folder:
            for part in range(5):
                (folder / f"part{part}").write_bytes(bytes([number, part]) * 5000)
    entry = cache.find(key)
    assert entry is not None, key
    assert (entry / "part4").read_bytes() == bytes([number, 4]) * 5000, key
"""


def test_processes_that_store_the_same_at_once(cache):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(cache.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors
    assert sorted(item.key for item in cache.entries()) == sorted(f"key{n}" for n in range(40))
    assert all(cache.find(f"key{number}") for number in range(40))


def test_entries_newest_first_with_their_sizes(cache):
    old, new = store(cache, "old", "x" * 1000), store(cache, "new")
    os.utime(old, (time.time() - 500, time.time() - 500))
    (cache.folder / "stray file").write_text("not an entry")
    newest, oldest = cache.entries()
    assert (newest.key, oldest.key) == ("new", "old")
    assert oldest.size_bytes == sum(item.stat().st_size for item in old.iterdir())
    assert newest.modified_s == new.stat().st_mtime
    assert newest.modified_s > oldest.modified_s


def test_entries_that_vanish_while_they_are_listed(cache):
    """One process lists and another clears, again and again."""
    script = """
import shutil, sys
from pathlib import Path
folder = Path(sys.argv[1])
while True:
    for number in range(30):
        entry = folder / f"k{number}"
        entry.mkdir(parents=True, exist_ok=True)
        (entry / "a").write_text("x")
        shutil.rmtree(entry)
"""
    other = subprocess.Popen([sys.executable, "-c", script, str(cache.folder)])
    try:
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            assert all(item.size_bytes >= 0 for item in cache.entries())
    finally:
        other.kill()
        other.wait()


def test_clearing_tells_what_it_freed_and_takes_scratch_folders_too(cache):
    assert cache.clear() == 0
    store(cache, "one", "x" * 100)
    store(cache, "two")
    abandoned = cache.folder / ".three.abc"
    abandoned.mkdir()
    (abandoned / "half").write_text("y" * 50)
    expected = sum(item.size_bytes for item in cache.entries())
    assert len(cache.entries()) == 3
    assert cache.clear() == expected > 150
    assert list(cache.folder.iterdir()) == []


def test_a_cache_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache")
    assert cache.find("key") is None
    with pytest.raises(WriteError, match="cannot write"), cache.store("key"):
        pytest.fail("there is no folder to write into")


def test_no_space_left(small_disk):
    cache = Cache(small_disk / "cache")
    with pytest.raises(WriteError, match="No space left on device"), cache.store("key") as folder:
        (folder / "large").write_bytes(bytes(10 << 20))
    assert list(cache.folder.iterdir()) == []
    store(cache, "key")
    assert cache.find("key")


def test_no_space_left_for_the_hashes(small_disk):
    cache = Cache(small_disk / "cache")
    with pytest.raises(WriteError, match="No space left on device"), cache.store("key") as folder:
        _fill(folder / "large")
    assert list(cache.folder.iterdir()) == []


def _fill(path: Path):
    """Write until the disk is full, to the last byte."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 10, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue


def test_removing_needs_no_space(small_disk):
    cache = Cache(small_disk / "cache")
    entry = store(cache, "key")
    (entry / "data.txt").write_text("damaged")
    _fill(small_disk / "full")
    assert cache.find("key") is None
    shutil.rmtree(cache.folder, ignore_errors=True)
