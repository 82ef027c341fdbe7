"""Bundles are the same bytes for the same inputs, and only what can be read back is written."""

import hashlib
import os
import time
import zipfile
from dataclasses import replace

import pytest

from edgekit.bundle import Bundle, BundleError, write_bundle
from edgekit.bundle import writer as writer_module
from edgekit.errors import WriteError

MEMBERS = {"model.tflite": b"\x1c\0\0\0TFL3" * 50, "labels.txt": b"cat\ndog\n", "plan.json": b"{}"}


@pytest.fixture
def manifest(tflite_models):
    spec = tflite_models.spec("x", "int8", (1, 4), scale=0.1, zero_point=3)
    return tflite_models.manifest([spec], [spec])


def test_the_manifest_lists_every_member_sorted_with_hash_and_size(tmp_path, manifest):
    written = write_bundle(tmp_path / "a.edgekit", manifest, MEMBERS)
    assert [m.path for m in written.members] == ["labels.txt", "model.tflite", "plan.json"]
    for member in written.members:
        assert member.sha256 == hashlib.sha256(MEMBERS[member.path]).hexdigest()
        assert member.size_bytes == len(MEMBERS[member.path])
    assert replace(written, members=()) == manifest
    assert Bundle.open(tmp_path / "a.edgekit").manifest == written


def test_the_same_inputs_give_the_same_bytes(tmp_path, manifest, monkeypatch):
    first, second = tmp_path / "a.edgekit", tmp_path / "b.edgekit"
    write_bundle(first, manifest, MEMBERS)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    old_mask = os.umask(0o077)
    try:
        write_bundle(second, manifest, dict(reversed(MEMBERS.items())))
    finally:
        os.umask(old_mask)
        monkeypatch.undo()
        time.tzset()
    assert first.read_bytes() == second.read_bytes()


def test_any_zip_tool_can_read_it_and_the_manifest_comes_first(tmp_path, manifest):
    write_bundle(tmp_path / "a.edgekit", manifest, MEMBERS)
    with zipfile.ZipFile(tmp_path / "a.edgekit") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", *sorted(MEMBERS)]
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_DEFLATED}
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../up", "a/../b", "a\\b", "C:/x", "a//b", "./a", "a/", "a\0b"]
)
def test_a_member_name_that_no_reader_accepts_is_refused(tmp_path, manifest, name):
    with pytest.raises(BundleError, match="name") as caught:
        write_bundle(tmp_path / "a.edgekit", manifest, {name: b""})
    assert caught.value.member == name
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_cannot_be_given_as_a_member(tmp_path, manifest):
    with pytest.raises(BundleError, match="manifest's own"):
        write_bundle(tmp_path / "a.edgekit", manifest, {"manifest.json": b"{}"})


@pytest.mark.parametrize(
    ("limit", "value", "match"),
    [
        ("MAX_MEMBERS", 2, "3 members are more than 2"),
        ("MAX_MEMBER_BYTES", 10, "400 bytes are more than the limit of 10"),
        ("MAX_TOTAL_BYTES", 405, "410 bytes are more than the limit of 405"),
        ("MAX_MANIFEST_BYTES", 20, "bytes are more than the limit of 20"),
    ],
)
def test_limits_hold(tmp_path, manifest, monkeypatch, limit, value, match):
    monkeypatch.setattr(writer_module, limit, value)
    with pytest.raises(BundleError, match=match):
        write_bundle(tmp_path / "a.edgekit", manifest, MEMBERS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scale", [float("nan"), float("inf"), 1j])
def test_a_manifest_that_json_cannot_hold_is_refused(tmp_path, manifest, scale):
    bad = replace(manifest, inputs=(replace(manifest.inputs[0], scale=scale),))
    with pytest.raises(BundleError, match="does not fit into JSON"):
        write_bundle(tmp_path / "a.edgekit", bad, MEMBERS)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_older_bundle(tmp_path, manifest):
    path = tmp_path / "file" / "a.edgekit"
    path.parent.write_text("in the way")
    with pytest.raises(WriteError):
        write_bundle(path, manifest, MEMBERS)
    assert path.parent.read_text() == "in the way"
