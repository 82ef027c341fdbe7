"""Finds device profiles by name or path, reads them and checks every field."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgekit.device_profiles.profile import DeviceKind, DeviceProfile, IsaFeature
from edgekit.device_profiles.runtime_support import load_runtime
from edgekit.device_profiles.sourced import (
    ProfileError,
    RefusedValueError,
    Table,
    coefficient,
    number,
    read_toml,
    text,
    whole,
)
from edgekit.errors import UnknownNameError, UnreadableFileError

__all__ = ["PATH_VARIABLE", "device_names", "load_profile"]

PATH_VARIABLE = "EDGEKIT_DEVICE_PATH"
SHIPPED = Path(__file__).parent


def device_names(*, folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """Return the names that ``load_profile`` knows, sorted.

    Args:
        folders: Searched too, like those in the environment variable ``EDGEKIT_DEVICE_PATH``.

    Raises:
        UnreadableFileError: One of the folders does not exist.
    """
    places = _places(folders)
    return tuple(sorted({path.stem for place in places for path in place.glob("*.toml")}))


def load_profile(name_or_path: str | Path, *, folders: Sequence[Path] = ()) -> DeviceProfile:
    """Read a device profile.

    Args:
        name_or_path: A name (``nucleo-l4r5zi``), or a path to a ``.toml`` file.
        folders: Searched for names first, then those in the environment variable
            ``EDGEKIT_DEVICE_PATH`` (separated like ``PATH``), then edgekit's own.

    Raises:
        UnknownNameError: No profile has this name; carries the nearest ones.
        UnreadableFileError: The file, or a folder to search, does not exist or may not be read.
        ProfileError: The file breaks the schema; names the file and the key.
    """
    places = _places(folders)
    if isinstance(name_or_path, Path) or name_or_path.endswith(".toml"):
        path = Path(name_or_path)
    else:
        path = _find(name_or_path, places)
    return _load(path, places, ())[0]


def _places(folders: Sequence[Path]) -> tuple[Path, ...]:
    listed = os.environ.get(PATH_VARIABLE, "").split(os.pathsep)
    users = (*folders, *(Path(item) for item in listed if item))
    for folder in users:
        if not folder.is_dir():
            raise UnreadableFileError(
                folder, "there is no such folder", hint=f"check the folders and {PATH_VARIABLE}"
            )
    return (*users, SHIPPED)


def _find(name: str, places: Sequence[Path]) -> Path:
    candidates = (place / f"{name}.toml" for place in places)
    for path in candidates:
        if path.is_file():
            return path
    names = {path.stem for place in places for path in place.glob("*.toml")}
    raise UnknownNameError("device", name, names)


def _load(
    path: Path, places: Sequence[Path], extended_by: tuple[Path, ...]
) -> tuple[DeviceProfile, dict[str, Any]]:
    """Return a profile and the raw fields it was made of, its base's included."""
    if path in extended_by:
        raise ProfileError(path, "extends", "leads back to this file")
    own = read_toml(path)
    places = (path.parent, *places)
    data = own
    if "extends" in own:
        try:
            base = _find(Table(path, own).value("extends", text), places)
        except UnknownNameError as error:
            raise ProfileError(path, "extends", error.message, hint=error.hint) from error
        inherited = _load(base, places, (*extended_by, path))[1]
        data = inherited | {key: value for key, value in own.items() if key != "extends"}
    return _parse(path, data, places), data


def _parse(path: Path, data: dict[str, Any], places: Sequence[Path]) -> DeviceProfile:
    table = Table(path, data)
    runtime = table.value("runtime", text)
    try:
        support = load_runtime(runtime, folders=places)
    except UnknownNameError as error:
        raise ProfileError(path, "runtime", error.message, hint=error.hint) from error
    profile = DeviceProfile(
        name=path.stem,
        title=table.value("title", text),
        kind=table.value("kind", _kind),
        path=path,
        runtime=support,
        kernel_library=table.optional("kernel_library", text),
        os=table.optional("os", text),
        soc=table.figure("soc", text),
        core=table.figure("core", text),
        clock_hz=table.figure("clock_hz", whole),
        core_count=table.optional_figure("core_count", whole),
        voltage_v=table.optional_figure("voltage_v", number),
        ram_bytes=table.optional_figure("ram_bytes", whole),
        flash_bytes=table.optional_figure("flash_bytes", whole),
        isa_features=table.optional_figure("isa_features", _features),
        active_power_mw=table.optional_figure("active_power_mw", number),
        cycles_per_instruction=table.optional_figure("cycles_per_instruction", coefficient),
    )
    table.close()
    return profile


def _kind(raw: Any) -> DeviceKind:
    if raw not in list(DeviceKind):
        raise RefusedValueError(f"must be one of {', '.join(DeviceKind)}")
    return DeviceKind(raw)


def _features(raw: Any) -> frozenset[IsaFeature]:
    if not isinstance(raw, list) or not all(item in list(IsaFeature) for item in raw):
        raise RefusedValueError(f"must be a list of {', '.join(IsaFeature)}")
    return frozenset(IsaFeature(item) for item in raw)
