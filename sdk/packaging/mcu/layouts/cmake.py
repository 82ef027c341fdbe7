"""A CMake project that is added as a subdirectory, with an example that can be built alone."""

from collections.abc import Mapping
from string import Template

from edgekit.converters.c import CLibrary
from edgekit.packaging.mcu.layouts.base import LayoutFacts, fill, sources

__all__ = ["cmake_layout"]

_PROJECT = Template("""\
# $title for $device. In your project:
#   add_subdirectory($name)
#   target_link_libraries(firmware PRIVATE edgekit::$name)
cmake_minimum_required(VERSION 3.13)
project($name LANGUAGES C)

add_library($name STATIC
$sources)
add_library(edgekit::$name ALIAS $name)
target_include_directories($name PUBLIC src)
target_compile_features($name PUBLIC c_std_99)

option(${upper}_EXAMPLE "Build extras/main.c, which needs a standard output" OFF)
if(${upper}_EXAMPLE)
    add_executable(${name}_example extras/main.c)
    target_link_libraries(${name}_example PRIVATE edgekit::$name)
endif()
""")

_MAIN = Template("""\
/* Runs $name once, on an input of zeros, and prints the first output. */
#include "$name.h"

#include <stdio.h>
#include <string.h>

static uint8_t arena[${upper}_ARENA_BYTES] __attribute__((aligned(${upper}_ARENA_ALIGNMENT)));

int main(void)
{
    $output_type values[${output}_BYTES / sizeof($output_type)];
    ${name}_model model;
    if (${name}_init(&model, arena, sizeof arena) != ${upper}_OK) {
        return 1;
    }
    memset(${name}_input(&model, 0), 0, ${input}_BYTES);
    if (${name}_invoke(&model) != ${upper}_OK) {
        return 1;
    }
    memcpy(values, ${name}_output(&model, 0), sizeof values);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; ++i) {
        printf("$format\\n", ($printed)values[i]);
    }
    return 0;
}
""")


def cmake_layout(library: CLibrary, facts: LayoutFacts) -> Mapping[str, str]:
    """Return ``CMakeLists.txt`` and the example."""
    is_float = library.outputs[0].dtype == "float32"
    project = fill(
        _PROJECT,
        library,
        title=facts.title,
        device=facts.device,
        sources="".join(f"    {name}\n" for name in sources(library)),
    )
    main = fill(
        _MAIN,
        library,
        format="%g" if is_float else "%ld",
        printed="double" if is_float else "long",
    )
    return {"CMakeLists.txt": project, "extras/main.c": main}
