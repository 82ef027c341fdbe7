"""The package's README: the ten lines that firmware writes, sizes, and each build system."""

from collections.abc import Mapping
from string import Template

from edgekit.converters.c import CLibrary, CTensor
from edgekit.packaging.mcu.layouts.base import LayoutFacts, fill

__all__ = ["readme"]

_TEXT = Template("""\
# $title

A model as plain C99 for $device: no interpreter, no heap, no dependency. Made by edgekit; changes
are lost when it is made again.

```c
#include "$name.h"

static uint8_t arena[${upper}_ARENA_BYTES] __attribute__((aligned(${upper}_ARENA_ALIGNMENT)));
static ${name}_model model;

${name}_init(&model, arena, sizeof arena);                       /* once */
memcpy(${name}_input(&model, 0), input, ${input}_BYTES);
if (${name}_invoke(&model) == ${upper}_OK) {
    const $output_type *output = ${name}_output(&model, 0);
}
```

All functions return at once when they are called wrongly, and say so: see `src/$name.h`. An input
may be overwritten by `${name}_invoke`: write it each time. Several models, or one model in several
threads, need an arena each.

## Inputs and outputs

| tensor | index | shape | type | scale | zero point | macros |
|---|---|---|---|---|---|---|
$tensors
An integer `q` stands for `scale * (q - zero point)`.$processing

## Memory

| what | bytes |
|---|---|
| arena, by the caller | $arena |
| other writable data | $static |
| constants | $constants |

Order of execution: $schedule. The arena was planned by: $method. No plan of this order needs
less than $bound bytes. [memory.svg](extras/memory.svg) draws which tensor lies where, and when.

Kernels are for `$isa` cores; compile with the core's own `-mcpu` and with `-O2` or `-O3`.

## Build

- **CMake**: `add_subdirectory($name)`, then
  `target_link_libraries(firmware PRIVATE edgekit::$name)`; `-D${upper}_EXAMPLE=ON` builds
  `extras/main.c`.
- **Arduino**: put this folder among the libraries (or import it as a ZIP), open
  *Examples > $name > ${name}_run*.
- **Zephyr**: `west build ... -- -DZEPHYR_EXTRA_MODULES=/path/to/this/folder
  -DCONFIG_${upper}_MODEL=y`.
- **PlatformIO**: put this folder into `lib/`, or name it in `lib_deps`.
- **Anything else**: compile `src/*.c` with `-Isrc -std=c99`.
""")

_PROCESSING = Template("""
`src/${name}_processing.h` turns real values (and pixels, where the bundle declares a picture) into
these integers and back, as `edgekit run` does; an unused function costs nothing once the linker
collects garbage (`-ffunction-sections -fdata-sections -Wl,--gc-sections`).""")


def readme(library: CLibrary, facts: LayoutFacts) -> Mapping[str, str]:
    """Return ``README.md``."""
    rows = [
        *(_row("input", index, tensor) for index, tensor in enumerate(library.inputs)),
        *(_row("output", index, tensor) for index, tensor in enumerate(library.outputs)),
    ]
    text = fill(
        _TEXT,
        library,
        title=facts.title,
        device=facts.device,
        tensors="".join(rows),
        arena=f"{library.arena_bytes:,}",
        static=f"{library.static_bytes:,}",
        constants=f"{library.weights_bytes:,}",
        bound=f"{library.plan.lower_bound_bytes:,}",
        method=library.plan.method,
        schedule=library.schedule,
        isa=str(library.isa),
        processing=(
            _PROCESSING.substitute(name=library.name)
            if f"{library.name}_processing.h" in library.files
            else ""
        ),
    )
    return {"README.md": text}


def _row(kind: str, index: int, tensor: CTensor) -> str:
    shape = " x ".join(map(str, tensor.shape)) or "scalar"
    scale = "" if tensor.scale is None else f"{tensor.scale:.9g}"
    point = "" if tensor.zero_point is None else f"{tensor.zero_point}"
    name = tensor.name.replace("|", r"\|")
    return (
        f"| {kind} `{name}` | {index} | {shape} | {tensor.dtype} | {scale} | {point} "
        f"| `{tensor.c_name}_*` |\n"
    )
