"""A bundle opens only when every byte of it is what the manifest says."""

import io
import json
import stat
import struct
import subprocess
import sys
import zipfile
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgekit.bundle import Bundle, BundleError, write_bundle
from edgekit.bundle import reader as reader_module

MEMBERS = {
    "model.tflite": b"\x1c\0\0\0TFL3" * 50,
    "labels.txt": "cat\nDüsen jet\n".encode(),
    "plan.json": b'{"a": [1, 2]}',
}


@pytest.fixture
def good(tmp_path, tflite_models):
    spec = tflite_models.spec("x", "int8", (1, 4), scale=0.1, zero_point=3)
    path = tmp_path / "good.edgekit"
    write_bundle(path, tflite_models.manifest([spec], [spec]), MEMBERS)
    return path


def rewrite(source, change=None, *, manifest=None, extra=(), drop=(), method=zipfile.ZIP_DEFLATED):
    """Return a copy of a bundle with entries changed, added, dropped or packed otherwise."""
    target = source.with_name("bad.edgekit")
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", method) as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "manifest.json" and manifest:
                data = json.loads(content)
                manifest(data)
                content = json.dumps(data).encode()
            if change and info.filename in change:
                content = change[info.filename]
            if info.filename not in drop:
                new.writestr(info.filename, content)
        for entry, content in extra:
            new.writestr(entry, content)
    return target


def refusal(path):
    with pytest.raises(BundleError) as caught:
        Bundle.open(path)
    assert str(path) in str(caught.value)
    assert caught.value.hint
    return caught.value


def test_a_bundle_gives_back_what_was_written(good):
    bundle = Bundle.open(str(good))
    assert bundle == Bundle.open(good)
    assert hash(bundle) == hash(Bundle.open(good))
    assert bundle.path == good
    assert bundle.manifest.name == "tiny"
    assert bundle.model == MEMBERS["model.tflite"]
    assert bundle.labels == ("cat", "Düsen jet")
    assert bundle.json("plan.json") == {"a": [1, 2]}
    assert bundle.read("plan.json") == MEMBERS["plan.json"]


def test_it_stays_what_it_was_when_the_file_changes(good):
    bundle = Bundle.open(good)
    good.write_bytes(b"something else")
    assert bundle.model == MEMBERS["model.tflite"]
    with pytest.raises(FrozenInstanceError):
        bundle.path = good


@pytest.mark.parametrize(
    ("text", "labels"),
    [("", ()), ("a", ("a",)), ("a\r\nb\r\n", ("a", "b")), ("a\n\nb\n", ("a", "", "b"))],
)
def test_labels_are_one_a_line(tmp_path, tflite_models, text, labels):
    path = tmp_path / "a.edgekit"
    write_bundle(path, tflite_models.manifest([], []), {"labels.txt": text.encode()})
    assert Bundle.open(path).labels == labels


def test_a_missing_member_is_named_with_those_there_are(good, tmp_path, tflite_models):
    with pytest.raises(BundleError, match=r"'parity\.json': there is no such member") as caught:
        Bundle.open(good).json("parity.json")
    assert "plan.json" in caught.value.hint
    write_bundle(tmp_path / "empty.edgekit", tflite_models.manifest([], []), {})
    empty = Bundle.open(tmp_path / "empty.edgekit")
    assert empty.labels == ()
    with pytest.raises(BundleError, match="no such member"):
        _ = empty.model


def test_members_that_are_not_text_or_json_are_refused_when_asked_for(tmp_path, tflite_models):
    path = tmp_path / "a.edgekit"
    members = {"labels.txt": b"\xff\xfe", "plan.json": b"{", "deep.json": b"[" * 5_000}
    write_bundle(path, tflite_models.manifest([], []), members)
    bundle = Bundle.open(path)
    with pytest.raises(BundleError, match="not UTF-8"):
        _ = bundle.labels
    for name in ("plan.json", "deep.json"):
        with pytest.raises(BundleError, match="not JSON"):
            bundle.json(name)


def test_files_that_are_no_bundle(tmp_path, good):
    assert "No such file" in refusal(tmp_path / "absent.edgekit").why
    assert "directory" in refusal(tmp_path).why
    path = tmp_path / "bad.edgekit"
    for content in (b"", b"PK", b"hello" * 100, b"#!/bin/sh\n" + good.read_bytes()):
        path.write_bytes(content)
        assert "not a zip" in refusal(path).why
    path.write_bytes(b"PK\x03\x04" + bytes(300))
    assert "truncated or damaged" in refusal(path).why


def test_every_truncation_is_refused(good, tmp_path):
    content = good.read_bytes()
    path = tmp_path / "cut.edgekit"
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        refusal(path)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_changed_byte_is_refused_or_changes_nothing(good, data):
    content = bytearray(good.read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    path = good.with_name("flipped.edgekit")
    path.write_bytes(content)
    try:
        bundle = Bundle.open(path)
    except BundleError:
        return
    # A time stamp or the like.
    assert bundle.manifest == Bundle.open(good).manifest
    assert all(bundle.read(name) == content for name, content in MEMBERS.items())


def test_missing_and_added_members_are_refused(good):
    error = refusal(rewrite(good, drop=["plan.json"]))
    assert (error.member, "not there" in error.why) == ("plan.json", True)
    error = refusal(rewrite(good, extra=[("more.txt", b"x")]))
    assert (error.member, "does not list it" in error.why) == ("more.txt", True)
    assert "no manifest.json" in refusal(rewrite(good, drop=["manifest.json"])).why


def test_a_member_there_twice_is_refused(good):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = rewrite(good, extra=[("plan.json", MEMBERS["plan.json"])])
    error = refusal(path)
    assert (error.member, error.why) == ("plan.json", "it is there twice")


def test_another_content_or_size_is_refused(good):
    error = refusal(rewrite(good, {"plan.json": b'{"a": [1, 3]}'}))
    assert (error.member, "SHA-256" in error.why) == ("plan.json", True)
    error = refusal(rewrite(good, {"plan.json": b"{}"}))
    assert (error.member, "it has 2 bytes, the manifest says 13" in error.why) == (
        "plan.json",
        True,
    )


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("/etc/passwd", "absolute"),
        ("../../evil", "out of the bundle"),
        ("a/../../evil", "out of the bundle"),
        ("..\\evil", "backslash"),
        ("folder/", "not that of a file"),
    ],
)
def test_unsafe_names_are_refused_even_when_listed(good, name, match):
    def listed(data):
        digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        data["members"].append({"path": name, "sha256": digest, "size_bytes": 0})

    error = refusal(rewrite(good, manifest=listed, extra=[(name, b"")]))
    assert error.member == name
    assert match in error.why


@pytest.mark.parametrize(
    ("mode", "match"),
    [(stat.S_IFLNK | 0o777, "symbolic link"), (stat.S_IFIFO | 0o644, "not a regular file")],
)
def test_links_and_special_files_are_refused(good, mode, match):
    info = zipfile.ZipInfo("link")
    info.create_system = 3
    info.external_attr = mode << 16
    assert match in refusal(rewrite(good, extra=[(info, b"/etc/passwd")])).why


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compression_is_refused(good, method):
    assert "not deflate" in refusal(rewrite(good, method=method)).why


def patched(path, offset, value):
    """Overwrite bytes at ``offset`` in the central directory entry of model.tflite."""
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02", 0, content.rindex(b"model.tflite"))
    content[entry + offset : entry + offset + len(value)] = value
    path.write_bytes(content)
    return path


def test_encrypted_members_are_refused(good):
    error = refusal(patched(good, 8, b"\x01"))
    assert (error.member, error.why) == ("model.tflite", "it is encrypted")


def test_a_declared_size_over_the_limit_is_refused_before_unpacking(good):
    error = refusal(patched(good, 24, struct.pack("<I", 0xFFFF_FFF0)))
    assert "more than the limit" in error.why


def test_limits_on_count_and_total(good, monkeypatch):
    monkeypatch.setattr(reader_module, "MAX_MEMBERS", 2)
    assert "4 members" in refusal(good).why
    monkeypatch.undo()
    monkeypatch.setattr(reader_module, "MAX_TOTAL_BYTES", 100)
    assert "more than 100" in refusal(good).why


@pytest.mark.parametrize("declared", [1, 1000])
def test_a_bomb_that_declares_another_size_than_it_holds_is_refused(good, declared):
    bomb = bytes(4 << 20)

    def small(data):
        next(m for m in data["members"] if m["path"] == "model.tflite")["size_bytes"] = declared

    path = rewrite(good, {"model.tflite": bomb}, manifest=small)
    error = refusal(patched(path, 24, struct.pack("<I", declared)))
    assert (error.member, "damaged" in error.why) == ("model.tflite", True)


def test_a_member_that_unpacks_to_less_than_it_declares_is_refused(good):
    def larger(data):
        next(m for m in data["members"] if m["path"] == "model.tflite")["size_bytes"] = 9999

    error = refusal(patched(rewrite(good, manifest=larger), 24, struct.pack("<I", 9999)))
    assert (error.member, "9999 bytes" in error.why) == ("model.tflite", True)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda data: data.update(schema_version=2), "schema version 2"),
        (lambda data: data.pop("schema_version"), "schema version None"),
        (lambda data: data.pop("inputs"), "does not fit schema version 1"),
        (lambda data: data.update(surprise=1), "does not fit schema version 1"),
        (lambda data: data.update(scheme="int3"), "does not fit schema version 1"),
        (lambda data: data["members"].append(data["members"][0]), "lists it twice"),
        (lambda data: data["members"][0].update(path=["x"]), "not there"),
        (lambda data: data["members"][0].update(size_bytes="10"), "the manifest says 10"),
    ],
)
def test_manifests_that_do_not_fit_are_refused(good, change, match):
    error = refusal(rewrite(good, manifest=change))
    assert match in error.why


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"null"])
def test_a_manifest_that_is_no_manifest_is_refused(good, content):
    assert refusal(rewrite(good, {"manifest.json": content})).member == "manifest.json"


def test_an_empty_zip_is_no_bundle(tmp_path):
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    path = tmp_path / "empty.edgekit"
    path.write_bytes(buffer.getvalue())
    assert "not a zip" in refusal(path).why


def test_importing_the_bundle_takes_only_the_standard_library():
    code = (
        "import edgekit.bundle, sys;"
        "print(sorted({'numpy','click','rich','platformdirs','PIL'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr
