"""From real values and pixels to a model's integers and back, in C, as the runtime does it."""

from collections.abc import Iterator, Mapping
from string import Template

import numpy as np

from edgekit.bundle import Bundle, ImagePreprocessing, TensorSpec
from edgekit.converters.c import CLibrary, CTensor
from edgekit.converters.c.header import comment
from edgekit.runtime.preprocessing import normalise
from edgekit.runtime.quantization import quantize

__all__ = ["processing_files"]

_PIXELS = 256
_IN_A_LINE = 16

_HEADER = Template("""\
/* Real values and pixels to the integers of $name, and back. Made by edgekit. */
#ifndef ${upper}_PROCESSING_H
#define ${upper}_PROCESSING_H

#include "$name.h"

#ifdef __cplusplus
extern "C" {
#endif

$declarations
#ifdef __cplusplus
}
#endif

#endif
""")

_SOURCE = Template("""\
#include "${name}_processing.h"

$helper$definitions""")

_HELPER = """\
/* Rounds halves away from zero and saturates; the lowest integer stands for not-a-number. */
static int32_t quantized(float value, float scale, int32_t zero_point, int32_t low, int32_t high)
{
    float steps = value / scale;
    steps += steps < 0.0f ? -0.49999997f : 0.49999997f;
    if (!(steps > (float)(low - zero_point))) {
        return low;
    }
    return steps >= (float)(high - zero_point) ? high : (int32_t)steps + zero_point;
}

"""

_QUANTIZE = Template("""\
void ${name}_quantize_$part(const float *values, $type *$part)
{
    for (size_t i = 0; i < ${macro}_BYTES / sizeof($type); ++i) {
        $part[i] = ($type)quantized(values[i], ${macro}_SCALE, ${macro}_ZERO_POINT, $low, $high);
    }
}

""")

_PICTURE = Template("""\
static const $type ${part}_of_pixel[$rows][$pixels] = {
$table};

void ${name}_pixels_to_$part(const uint8_t *pixels, $type *$part)
{
    for (size_t i = 0; i < ${macro}_BYTES / sizeof($type); ++i) {
        $part[i] = ${part}_of_pixel[$row][pixels[i]];
    }
}

""")

_DEQUANTIZE = Template("""\
void ${name}_dequantize_$part(const $type *$part, float *values)
{
    for (size_t i = 0; i < ${macro}_BYTES / sizeof($type); ++i) {
        values[i] = (float)($part[i] - (${macro}_ZERO_POINT)) * ${macro}_SCALE;
    }
}

size_t ${name}_largest_$part(const $type *$part)
{
    size_t largest = 0;
    for (size_t i = 1; i < ${macro}_BYTES / sizeof($type); ++i) {
        if ($part[i] > $part[largest]) {
            largest = i;
        }
    }
    return largest;
}

""")


def processing_files(library: CLibrary, bundle: Bundle) -> Mapping[str, str]:
    """Return ``NAME_processing.h`` and ``.c``; nothing where no tensor is quantized.

    The results are those of ``edgekit.runtime``, bit for bit. Pixels take a table for each
    channel with mean and standard deviation of its own, and no arithmetic.
    """
    specs = {spec.name: spec for spec in (*bundle.manifest.inputs, *bundle.manifest.outputs)}
    parts = [
        part
        for tensors, make in ((library.inputs, _input), (library.outputs, _output))
        for tensor in tensors
        if tensor.scale is not None
        for part in make(library.name, tensor, specs.get(tensor.name))
    ]
    if not parts:
        return {}
    definitions = "".join(definition for _, definition in parts)
    values = {
        "name": library.name,
        "upper": library.name.upper(),
        "declarations": "".join(declaration for declaration, _ in parts),
        "definitions": definitions.rstrip() + "\n",
        "helper": _HELPER if "quantized(" in definitions else "",
    }
    return {
        f"{library.name}_processing.h": _HEADER.substitute(values),
        f"{library.name}_processing.c": _SOURCE.substitute(values),
    }


def _input(name: str, tensor: CTensor, spec: TensorSpec | None) -> Iterator[tuple[str, str]]:
    values = _values(name, tensor)
    limits = np.iinfo(tensor.dtype)
    yield (
        f"/* Real values of '{comment(tensor.name)}', as the model was trained on. */\n"
        f"void {name}_quantize_{values['part']}(const float *values, "
        f"{values['type']} *{values['part']});\n\n",
        _QUANTIZE.substitute(values, low=str(limits.min), high=str(limits.max)),
    )
    if spec is None or spec.image is None:
        return
    table = _table(tensor, spec.image)
    height, width, channels = tensor.shape[-3:]
    yield (
        f"/* A picture for '{comment(tensor.name)}': {height} rows of {width} pixels of "
        f"{channels} bytes, as it comes from a camera. */\n"
        f"void {name}_pixels_to_{values['part']}(const uint8_t *pixels, "
        f"{values['type']} *{values['part']});\n\n",
        _PICTURE.substitute(
            values,
            rows=str(len(table)),
            pixels=str(_PIXELS),
            row="0" if len(table) == 1 else f"i % {channels}u",
            table="".join(_rows(table)),
        ),
    )


def _output(name: str, tensor: CTensor, spec: TensorSpec | None) -> Iterator[tuple[str, str]]:
    del spec
    values = _values(name, tensor)
    yield (
        f"/* The real values of '{comment(tensor.name)}'. */\n"
        f"void {name}_dequantize_{values['part']}(const {values['type']} *{values['part']}, "
        "float *values);\n\n"
        "/* The index of its largest value, the first of equal ones. */\n"
        f"size_t {name}_largest_{values['part']}(const {values['type']} *{values['part']});\n\n",
        _DEQUANTIZE.substitute(values),
    )


def _values(name: str, tensor: CTensor) -> dict[str, str]:
    part = tensor.c_name.lower().removeprefix(f"{name}_")
    return {"name": name, "part": part, "macro": tensor.c_name, "type": f"{tensor.dtype}_t"}


def _table(tensor: CTensor, image: ImagePreprocessing) -> np.ndarray:
    """Return the integer of each pixel, one row for all channels or one for each."""
    pixels = np.repeat(np.arange(_PIXELS, dtype=np.uint8)[:, None], tensor.shape[-1], axis=1)
    assert tensor.scale is not None
    assert tensor.zero_point is not None
    table = quantize(normalise(pixels, image), tensor.dtype, tensor.scale, tensor.zero_point).T
    return table[:1] if (table == table[0]).all() else table


def _rows(table: np.ndarray) -> Iterator[str]:
    for row in table:
        lines = (row[start : start + _IN_A_LINE] for start in range(0, _PIXELS, _IN_A_LINE))
        yield "    {\n"
        for line in lines:
            yield f"        {', '.join(map(str, line.tolist()))},\n"
        yield "    },\n"
