"""The header of a library: sizes, quantization parameters, labels, four functions."""

from collections.abc import Sequence
from string import Template

from edgekit.converters.c.constants import c_float
from edgekit.converters.c.library import ARENA_ALIGNMENT, CTensor

__all__ = ["comment", "header_text", "label_macros", "tensor_macros"]

_TEXT = Template("""\
/* $upper: made by edgekit from a TFLite model. Changes are lost when it is made again. */
#ifndef ${upper}_H
#define ${upper}_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All the memory that the model works in. It is the caller's, and may not be touched between
   ${name}_init and the last use of the model, save where the functions below say. */
#define ${upper}_ARENA_BYTES ${arena_bytes}u
#define ${upper}_ARENA_ALIGNMENT ${alignment}u

$tensors
#define ${upper}_LAYER_COUNT ${layer_count}u

${labels}\
typedef enum {
    ${upper}_OK = 0,
    ${upper}_ERROR_NULL,            /* a null pointer, or a model that was not initialised */
    ${upper}_ERROR_ARENA_SIZE,      /* fewer than ${upper}_ARENA_BYTES bytes */
    ${upper}_ERROR_ARENA_ALIGNMENT, /* not at a multiple of ${upper}_ARENA_ALIGNMENT */
    ${upper}_ERROR_INDEX            /* no such input or output */
} ${name}_status;

/* One for each caller; models with arenas of their own do not disturb each other. */
typedef struct {
    uint8_t *arena;
} ${name}_model;

/* Takes an arena into use. */
${name}_status ${name}_init(${name}_model *model, void *arena, size_t arena_bytes);

/* Returns where input `index` is written before each ${name}_invoke, which may overwrite it;
   NULL if there is none. */
void *${name}_input(${name}_model *model, size_t index);

/* Computes the outputs from the inputs. */
${name}_status ${name}_invoke(${name}_model *model);

/* Returns where output `index` is read after ${name}_invoke, until an input is written or the
   model is invoked again; NULL if there is none. */
const void *${name}_output(const ${name}_model *model, size_t index);
$hook
#ifdef __cplusplus
}
#endif

#endif
""")

_HOOK = Template("""
/* Yours: called before each layer with its index, and with ${upper}_LAYER_COUNT after the last. */
extern void ${name}_on_layer(uint16_t index);
""")


def header_text(
    name: str,
    *,
    arena_bytes: int,
    tensors: Sequence[CTensor],
    labels: Sequence[str],
    layer_count: int,
    has_hook: bool,
) -> str:
    """Return the text of ``NAME.h``."""
    upper = name.upper()
    return _TEXT.substitute(
        name=name,
        upper=upper,
        arena_bytes=arena_bytes,
        alignment=ARENA_ALIGNMENT,
        tensors="\n".join(tensor_macros(item) for item in tensors) + "\n" + _counts(upper, tensors),
        layer_count=layer_count,
        labels=label_macros(upper, labels),
        hook=_HOOK.substitute(name=name, upper=upper) if has_hook else "",
    )


def comment(text: str) -> str:
    """Return a text that ends no C comment and needs no other character set."""
    plain = text.encode("ascii", "replace").decode().replace("*/", "* /").replace("/*", "/ *")
    return " ".join(plain.split())


def tensor_macros(item: CTensor) -> str:
    """Return the macros of an input or output: its size and quantization parameters."""
    shape = "x".join(map(str, item.shape)) or "scalar"
    lines = [
        f"/* '{comment(item.name)}': {shape} {item.dtype} */",
        f"#define {item.c_name}_BYTES {item.size_bytes}u",
    ]
    if item.scale is not None:
        lines.append(f"#define {item.c_name}_SCALE {c_float(item.scale)}")
        lines.append(f"#define {item.c_name}_ZERO_POINT ({item.zero_point})")
    return "\n".join(lines) + "\n"


def _counts(upper: str, tensors: Sequence[CTensor]) -> str:
    inputs = sum(item.c_name.startswith(f"{upper}_INPUT") for item in tensors)
    return (
        f"#define {upper}_INPUT_COUNT {inputs}u\n"
        f"#define {upper}_OUTPUT_COUNT {len(tensors) - inputs}u"
    )


def label_macros(upper: str, labels: Sequence[str]) -> str:
    """Return the macros of the labels of classes, nothing where there are none."""
    if not labels:
        return ""
    listed = ", ".join(f'"{_escaped(label)}"' for label in labels)
    return (
        f"#define {upper}_LABEL_COUNT {len(labels)}u\n"
        f"/* const char *const labels[{upper}_LABEL_COUNT] = {upper}_LABELS; */\n"
        f"#define {upper}_LABELS {{ {listed} }}\n\n"
    )


def _escaped(label: str) -> str:
    """Return a label for a C string; bytes beyond ASCII in octal, which ends after three digits."""
    return "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}"
        for byte in label.encode()
    )
