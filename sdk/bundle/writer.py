"""Writes a bundle: whole or not at all, and byte for byte the same for the same inputs."""

import io
import json
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from edgekit.bundle.manifest import Manifest, Member
from edgekit.bundle.members import (
    MANIFEST_MEMBER,
    MAX_MANIFEST_BYTES,
    MAX_MEMBER_BYTES,
    MAX_MEMBERS,
    MAX_TOTAL_BYTES,
    BundleError,
    name_problem,
)
from edgekit.files import atomic_write, sha256_bytes

__all__ = ["DEFLATE_LEVEL", "write_bundle"]

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
_UNIX = 3
_MODE = stat.S_IFREG | 0o644
DEFLATE_LEVEL = 9  # the smallest that deflate makes
_ONE_MODEL = "a bundle holds one model for a small device; leave the rest out"


def write_bundle(path: Path, manifest: Manifest, members: Mapping[str, bytes]) -> Manifest:
    """Write a bundle that `Bundle.open` accepts.

    Args:
        path: Where the bundle appears, by rename of a finished file.
        manifest: Everything but its ``members``, which are filled in here.
        members: Content by path inside the bundle. edgekit itself uses ``model.tflite``,
            ``labels.txt`` (one label a line), ``plan.json`` and ``parity.json``.

    Returns:
        The manifest as written, its members sorted by path.

    Raises:
        BundleError: A member has a name or a size that no reader would accept, or the manifest
            holds values that JSON cannot.
        WriteError: No space, no permission, or no such folder.
    """
    _check_members(path, members)
    written = replace(
        manifest,
        members=tuple(
            Member(path=name, sha256=sha256_bytes(members[name]), size_bytes=len(members[name]))
            for name in sorted(members)
        ),
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        _add(archive, MANIFEST_MEMBER, _manifest_bytes(path, written))
        for member in written.members:
            _add(archive, member.path, members[member.path])
    atomic_write(path, buffer.getvalue())
    return written


def _check_members(path: Path, members: Mapping[str, bytes]) -> None:
    if len(members) > MAX_MEMBERS:
        raise BundleError(
            path, f"{len(members)} members are more than {MAX_MEMBERS}", hint="store fewer files"
        )
    for name, content in members.items():
        problem = name_problem(name)
        if name == MANIFEST_MEMBER:
            problem = "this name is the manifest's own"
        if problem:
            raise BundleError(
                path, problem, member=name, hint="use a relative path such as 'model.tflite'"
            )
        _check_size(path, len(content), MAX_MEMBER_BYTES, member=name)
    _check_size(path, sum(map(len, members.values())), MAX_TOTAL_BYTES)


def _check_size(
    path: Path, size: int, limit: int, *, member: str | None = None, hint: str = _ONE_MODEL
) -> None:
    """Refuse a member that is too large, or all of them together."""
    if size > limit:
        whose = "its members' " if member is None else ""
        why = f"{whose}{size} bytes are more than the limit of {limit}"
        raise BundleError(path, why, member=member, hint=hint)


def _manifest_bytes(path: Path, manifest: Manifest) -> bytes:
    try:
        text = json.dumps(manifest.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
        content = f"{text}\n".encode()
    except (TypeError, ValueError) as error:
        raise BundleError(
            path,
            f"the manifest does not fit into JSON: {error}",
            member=MANIFEST_MEMBER,
            hint="use plain Python numbers that are finite, and strings that are valid Unicode",
        ) from error
    _check_size(
        path,
        len(content),
        MAX_MANIFEST_BYTES,
        member=MANIFEST_MEMBER,
        hint="keep large data in a member of its own",
    )
    return content


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, date_time=_EPOCH)
    info.create_system = _UNIX
    info.external_attr = _MODE << 16
    archive.writestr(info, content, compress_type=zipfile.ZIP_DEFLATED, compresslevel=DEFLATE_LEVEL)
