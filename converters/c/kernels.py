"""C templates: what they include of ours is put before them, once."""

import re
from collections.abc import Iterable
from importlib.resources import files
from string import Template

from edgekit.converters.c.step import Kernel

__all__ = ["kernel_sources"]

_OURS = re.compile(r'^#include "(\w+\.h)"\n', re.MULTILINE)
_SYSTEM = re.compile(r"^#include <([\w./]+)>\n", re.MULTILINE)


def kernel_sources(kernels: Iterable[Kernel]) -> tuple[tuple[str, ...], str]:
    """Return the system headers and the text of kernels, each of them and of their parts once."""
    parts: dict[str, None] = {}
    headers: dict[str, None] = {}
    for kernel in dict.fromkeys(kernels):
        _collect(_rendered(kernel), parts, headers)
    return tuple(sorted(headers)), "\n".join(parts)


def _rendered(kernel: Kernel) -> str:
    text = _read(kernel.template)
    return Template(text).substitute(dict(kernel.values)) if kernel.values else text


def _collect(text: str, parts: dict[str, None], headers: dict[str, None]) -> None:
    for name in _OURS.findall(text):
        _collect(_read(name), parts, headers)
    headers.update(dict.fromkeys(_SYSTEM.findall(text)))
    own = _SYSTEM.sub("", _OURS.sub("", text)).strip("\n") + "\n"
    parts.setdefault(own)


def _read(name: str) -> str:
    return (files("edgekit.converters.c") / "ops" / name).read_text(encoding="utf-8")
