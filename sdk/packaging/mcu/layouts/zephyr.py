"""A Zephyr module: ``west`` or ``ZEPHYR_EXTRA_MODULES`` finds it by ``zephyr/module.yml``.

By the schema in Zephyr's ``scripts/zephyr_module.py`` and
https://docs.zephyrproject.org/latest/develop/modules.html.
"""

from collections.abc import Mapping
from string import Template

from edgekit.converters.c import CLibrary
from edgekit.packaging.mcu.layouts.base import LayoutFacts, fill, sources

__all__ = ["zephyr_layout"]

_MODULE = Template("""\
# In your application: -DZEPHYR_EXTRA_MODULES=/path/to/this/folder and CONFIG_${upper}_MODEL=y
name: $name
build:
  cmake: zephyr
  kconfig: zephyr/Kconfig
""")

_KCONFIG = Template("""\
config ${upper}_MODEL
    bool "$name, a model as plain C"
    help
      Builds the sources that edgekit made of the model. They need an arena of
      $arena bytes, which the application hands over, and no heap.
""")

_PROJECT = Template("""\
if(CONFIG_${upper}_MODEL)
    zephyr_library_named($name)
    zephyr_library_sources(
$sources    )
    zephyr_include_directories($${CMAKE_CURRENT_LIST_DIR}/../src)
endif()
""")


def zephyr_layout(library: CLibrary, facts: LayoutFacts) -> Mapping[str, str]:
    """Return the module's description, its option and how it is built."""
    del facts
    listed = "".join(
        f"        ${{CMAKE_CURRENT_LIST_DIR}}/../{name}\n" for name in sources(library)
    )
    return {
        "zephyr/module.yml": fill(_MODULE, library),
        "zephyr/Kconfig": fill(_KCONFIG, library, arena=f"{library.arena_bytes}"),
        "zephyr/CMakeLists.txt": fill(_PROJECT, library, sources=listed),
    }
