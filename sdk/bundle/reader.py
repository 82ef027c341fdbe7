"""Opens a bundle: everything in it is verified before anything of it is used."""

import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, Self

from edgekit.bundle.manifest import Manifest, ManifestError, Member
from edgekit.bundle.members import (
    LABELS_MEMBER,
    MANIFEST_MEMBER,
    MAX_MANIFEST_BYTES,
    MAX_MEMBER_BYTES,
    MAX_MEMBERS,
    MAX_TOTAL_BYTES,
    MODEL_MEMBER,
    BundleError,
    name_problem,
)
from edgekit.files import sha256_bytes

__all__ = ["Bundle"]

_FIRST_BYTES = b"PK\x03\x04"
_ENCRYPTED = 0x1
# What zipfile answers damage with, depending on where it is.
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_FOREIGN = "this file was not written by edgekit; do not use it, build the bundle again"
_DAMAGED = "copy or download the bundle again, or build it again"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose every byte was checked when it was opened.

    The members are held in memory, so that what was verified is what is used, whatever happens
    to the file afterwards.

    Attributes:
        path: Where the bundle was read from.
        manifest: What is in it and how to use it.
    """

    path: Path
    manifest: Manifest
    _contents: Mapping[str, bytes] = field(repr=False, compare=False)

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Read and verify a bundle.

        Raises:
            BundleError: The file is missing, truncated or no zip; its manifest is missing or of
                an unknown schema version; the list of members, a size or a hash differs from
                the manifest's; a member has an unsafe name, is a link, encrypted, too large or
                not deflated.
        """
        path = Path(path)
        try:
            with path.open("rb") as file, _archive(path, file) as archive:
                entries = _entries(path, archive)
                manifest = _manifest(path, archive, entries.pop(MANIFEST_MEMBER, None))
                _check_list(path, manifest, entries)
                contents = {
                    member.path: _verified(path, archive, entries[member.path], member)
                    for member in manifest.members
                }
        except OSError as error:
            raise BundleError(
                path, error.strerror or str(error), hint="check the path and its permissions"
            ) from error
        return cls(path, manifest, MappingProxyType(contents))

    def read(self, member: str) -> bytes:
        """Return a member's content.

        Raises:
            BundleError: There is no such member.
        """
        if member not in self._contents:
            names = ", ".join(self._contents) or "none"
            raise BundleError(
                self.path, "there is no such member", member=member, hint=f"members: {names}"
            )
        return self._contents[member]

    @property
    def model(self) -> bytes:
        """The ``.tflite`` model."""
        return self.read(MODEL_MEMBER)

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of each class, empty where the bundle has none."""
        if LABELS_MEMBER not in self._contents:
            return ()
        text = self._text(LABELS_MEMBER).removesuffix("\n")
        return tuple(line.removesuffix("\r") for line in text.split("\n")) if text else ()

    def json(self, member: str) -> Any:
        """Return what a JSON member holds.

        Raises:
            BundleError: There is no such member, or it is not JSON.
        """
        return _parse(self.path, member, self._text(member))

    def _text(self, member: str) -> str:
        return _decode(self.path, member, self.read(member))


def _archive(path: Path, file: BinaryIO) -> zipfile.ZipFile:
    # Python's zipfile also takes an archive that follows other data; a bundle is only a zip.
    if file.read(len(_FIRST_BYTES)) != _FIRST_BYTES:
        raise BundleError(path, "it is not a zip file", hint=_FOREIGN)
    try:
        return zipfile.ZipFile(file)
    except _ZIP_ERRORS as error:
        why = f"the zip is truncated or damaged ({error})"
        raise BundleError(path, why, hint=_DAMAGED) from error


def _entries(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS + 1:
        raise BundleError(
            path, f"{len(infos)} members are more than {MAX_MEMBERS} and a manifest", hint=_FOREIGN
        )
    entries: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        # `filename` is what zipfile made of the name; `orig_filename` is the name.
        name = info.orig_filename
        problem = name_problem(name) or _entry_problem(info)
        if name in entries:
            problem = "it is there twice"
        if problem:
            raise BundleError(path, problem, member=name, hint=_FOREIGN)
        entries[name] = info
    total = sum(info.file_size for info in infos)
    if total > MAX_TOTAL_BYTES:
        raise BundleError(
            path, f"{total} unpacked bytes are more than {MAX_TOTAL_BYTES}", hint=_FOREIGN
        )
    return entries


def _entry_problem(info: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    limit = MAX_MANIFEST_BYTES if info.orig_filename == MANIFEST_MEMBER else MAX_MEMBER_BYTES
    if kind == stat.S_IFLNK:
        return "it is a symbolic link"
    if kind not in {0, stat.S_IFREG}:
        return "it is not a regular file"
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted"
    if info.compress_type != zipfile.ZIP_DEFLATED:
        return f"its compression method is {info.compress_type}, not deflate"
    if info.file_size > limit:
        return f"its {info.file_size} unpacked bytes are more than the limit of {limit}"
    return None


def _manifest(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo | None) -> Manifest:
    if info is None:
        raise BundleError(path, f"it has no {MANIFEST_MEMBER}", hint=_FOREIGN)
    text = _decode(path, MANIFEST_MEMBER, _unpack(path, archive, info))
    try:
        return Manifest.from_json(_parse(path, MANIFEST_MEMBER, text))
    except ManifestError as error:
        raise BundleError(path, error.message, member=MANIFEST_MEMBER, hint=error.hint) from error


def _check_list(path: Path, manifest: Manifest, entries: Mapping[str, zipfile.ZipInfo]) -> None:
    # Lists, because a forged manifest may hold paths that cannot be hashed.
    listed, there = [member.path for member in manifest.members], list(entries)
    for number, name in enumerate(listed):
        if name not in there:
            why = "the manifest lists it, but it is not there"
            raise BundleError(path, why, member=name, hint=_DAMAGED)
        if name in listed[:number]:
            why = "the manifest lists it twice"
            raise BundleError(path, why, member=name, hint=_FOREIGN)
    for name in there:
        if name not in listed:
            why = "it is there, but the manifest does not list it"
            raise BundleError(path, why, member=name, hint=_FOREIGN)


def _verified(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, member: Member) -> bytes:
    if info.file_size != member.size_bytes:
        why = f"it has {info.file_size} bytes, the manifest says {member.size_bytes}"
        raise BundleError(path, why, member=member.path, hint=_DAMAGED)
    content = _unpack(path, archive, info)
    digest = sha256_bytes(content)
    if digest != member.sha256:
        why = f"its SHA-256 is {digest}, the manifest says {member.sha256}"
        raise BundleError(path, why, member=member.path, hint=_DAMAGED)
    return content


def _unpack(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    name, size = info.orig_filename, info.file_size
    try:
        with archive.open(info) as stream:
            # Never more than one byte over what the entry declares, whatever is packed in it.
            content = stream.read(size + 1)
    except _ZIP_ERRORS as error:
        why = f"it is truncated or damaged ({error})"
        raise BundleError(path, why, member=name, hint=_DAMAGED) from error
    if len(content) != size:
        why = f"it unpacks to another size than the {size} bytes that it declares"
        raise BundleError(path, why, member=name, hint=_DAMAGED)
    return content


def _decode(path: Path, member: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise BundleError(path, "it is not UTF-8 text", member=member, hint=_DAMAGED) from error


def _parse(path: Path, member: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BundleError(
            path, f"it is not JSON ({error})", member=member, hint=_FOREIGN
        ) from error
