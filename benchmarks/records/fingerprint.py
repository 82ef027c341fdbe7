"""One short name for all that has to be alike before two results tell about the same thing."""

import json
from collections.abc import Mapping
from typing import Any

from edgekit.files import sha256_bytes

__all__ = ["differences", "fingerprint"]

_LENGTH = 8


def fingerprint(environment: Mapping[str, Any]) -> str:
    """Return eight hexadecimal digits that differ where a field of the environment does."""
    text = json.dumps(environment, sort_keys=True, ensure_ascii=False)
    return sha256_bytes(text.encode())[:_LENGTH]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what makes two fingerprints differ, one line for each field."""
    names = dict.fromkeys((*before, *after))
    return tuple(
        f"{name}: {before.get(name)} -> {after.get(name)}"
        for name in names
        if before.get(name) != after.get(name)
    )
