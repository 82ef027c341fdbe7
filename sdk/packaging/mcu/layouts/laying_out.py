"""All layouts over the same sources, in one folder: they do not get in each other's way."""

from collections.abc import Mapping

from edgekit.converters.c import CLibrary
from edgekit.converters.c.planning import memory_map_svg
from edgekit.packaging.mcu.layouts.arduino import arduino_layout
from edgekit.packaging.mcu.layouts.base import SOURCES, Layout, LayoutFacts
from edgekit.packaging.mcu.layouts.cmake import cmake_layout
from edgekit.packaging.mcu.layouts.platformio import platformio_layout
from edgekit.packaging.mcu.layouts.readme import readme
from edgekit.packaging.mcu.layouts.zephyr import zephyr_layout

__all__ = ["LAYOUTS", "lay_out"]

LAYOUTS: tuple[Layout, ...] = (
    readme,
    cmake_layout,
    arduino_layout,
    zephyr_layout,
    platformio_layout,
)


def lay_out(library: CLibrary, facts: LayoutFacts) -> Mapping[str, bytes]:
    """Return a library as the files of a package, by their paths in it.

    The sources lie in ``src``; the manifests of CMake, Arduino, Zephyr and PlatformIO around
    them; a drawing of the arena in ``extras``, which Arduino's tools leave alone.
    """
    files = {f"{SOURCES}/{name}": text for name, text in library.files.items()}
    steps = (*library.layers, "outputs")
    files["extras/memory.svg"] = memory_map_svg(library.plan, steps, title=library.name)
    for layout in LAYOUTS:
        files.update(layout(library, facts))
    return {name: text.encode() for name, text in files.items()}
