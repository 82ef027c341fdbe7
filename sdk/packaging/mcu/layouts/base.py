"""What every layout is made of: the library, and what is said about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Template

from edgekit.converters.c import CLibrary, CTensor

__all__ = ["SOURCES", "Layout", "LayoutFacts", "c_type", "fill", "sources"]

SOURCES = "src"
_C_TYPES = {"float32": "float", "bool": "uint8_t"}


@dataclass(frozen=True, slots=True)
class LayoutFacts:
    """What a library's manifests say that its code does not.

    Attributes:
        title: The bundle's name.
        version: By semver.org.
        device: The device that it was packed for.
    """

    title: str
    version: str
    device: str


Layout = Callable[[CLibrary, LayoutFacts], Mapping[str, str]]


def sources(library: CLibrary) -> list[str]:
    """Return the library's files that are compiled, sorted."""
    return sorted(f"{SOURCES}/{name}" for name in library.files if name.endswith(".c"))


def c_type(tensor: CTensor) -> str:
    """Return the C type of a tensor's elements."""
    return _C_TYPES.get(tensor.dtype, f"{tensor.dtype}_t")


def fill(template: Template, library: CLibrary, **values: str) -> str:
    """Return a template with the library's names and first tensors filled in."""
    source, result = library.inputs[0], library.outputs[0]
    return template.substitute(
        name=library.name,
        upper=library.name.upper(),
        input=source.c_name,
        input_type=c_type(source),
        output=result.c_name,
        output_type=c_type(result),
        **values,
    )
