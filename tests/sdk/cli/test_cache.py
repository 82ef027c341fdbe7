"""`edgekit cache` shows what is kept and drops it."""

import json
import os
import time

import pytest

from edgekit.cli.tables import byte_size
from edgekit.converters.cache import Cache


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache with two entries, one of them from yesterday."""
    monkeypatch.setenv("EDGEKIT_CACHE_DIR", str(tmp_path / "kept"))
    cache = Cache()
    for letter, size in (("a", 100), ("b", 5000)):
        with cache.store(letter * 64) as folder:
            (folder / "float.tflite").write_bytes(bytes(size))
    then = time.time() - 86400 * 1.5
    os.utime(cache.folder / ("b" * 64), (then, then))
    return cache


def size(cache):
    return byte_size(sum(entry.size_bytes for entry in cache.entries()))


def test_entries_come_with_short_key_size_and_age(succeed, cache):
    text = succeed("cache")
    assert "aaaaaaaaaaaa " in text
    assert "less than a minute" in text
    assert "1 day" in text
    assert f"2 entries, {size(cache)} in {cache.folder}" in text


def test_show_is_what_it_does_by_itself(succeed, cache):
    assert succeed("cache", "show") == succeed("cache")


def test_entries_as_json(succeed, cache):
    data = json.loads(succeed("cache", "--json"))
    assert data["folder"] == str(cache.folder)
    assert [item["key"][0] for item in data["entries"]] == ["a", "b"]
    assert sum(item["size_bytes"] for item in data["entries"]) == data["size_bytes"]
    assert data["entries"][1]["age_seconds"] == pytest.approx(86400 * 1.5, abs=60)


def test_clear_removes_them(succeed, cache):
    expected = f"2 entries removed, {size(cache)} freed\n"
    assert succeed("cache", "clear") == expected
    assert cache.entries() == ()
    data = json.loads(succeed("cache", "clear", "--json"))
    assert (data["removed"], data["size_bytes"]) == (0, 0)


def test_an_empty_cache_is_no_error(succeed, tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_CACHE_DIR", str(tmp_path / "never"))
    assert succeed("cache") == f"0 entries, 0 bytes in {tmp_path / 'never'}\n"
    assert not (tmp_path / "never").exists()


def test_an_entry_that_stays_is_an_error(run_main, cache, monkeypatch):
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)  # as without permission
    status, out, err = run_main("cache", "clear")
    assert (status, out) == (1, "")
    assert err.startswith(f"error: 2 entries of {cache.folder} could not be removed")


def test_any_other_action_is_a_usage_error(run_main):
    assert run_main("cache", "drop")[0] == 2
