"""The files of a package for TensorFlow Lite Micro."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Template

from edgekit.converters.c.header import label_macros, tensor_macros
from edgekit.converters.c.interface import describe_tensors
from edgekit.converters.c.library import CTensor
from edgekit.converters.graph import Subgraph
from edgekit.packaging.tflm.arena import ARENA_ALIGNMENT, ArenaEstimate

__all__ = ["TflmModel", "texts"]

_BYTES_IN_A_LINE = 16

_MODEL_HEADER = Template("""\
// $title: made by edgekit. Changes are lost when it is made again.
#ifndef ${upper}_MODEL_H
#define ${upper}_MODEL_H

// A TFLite flatbuffer, for tflite::GetModel.
#define ${upper}_MODEL_BYTES ${model_bytes}u
extern const unsigned char ${name}_model[${upper}_MODEL_BYTES];

// The arena's recommended size: $method.
// After AllocateTensors(), interpreter.arena_used_bytes() tells what it really took.
#define ${upper}_ARENA_BYTES ${arena_bytes}u
#define ${upper}_ARENA_ALIGNMENT ${alignment}u

$tensors
$labels#endif
""")

_MODEL_SOURCE = Template("""\
#include "${name}_model.h"

// The flatbuffer's data are read as they lie, so that it has to be aligned.
alignas(${alignment}) const unsigned char ${name}_model[${upper}_MODEL_BYTES] = {
$rows};
""")

_RESOLVER_HEADER = Template("""\
// The operators that $title needs, and no others: each one costs flash.
#ifndef ${upper}_RESOLVER_H
#define ${upper}_RESOLVER_H

#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

using ${name}_op_resolver = tflite::MicroMutableOpResolver<$count>;

// Call it once; fails only when operators were added before.
TfLiteStatus ${name}_register_operators(${name}_op_resolver &resolver);

#endif
""")

_RESOLVER_SOURCE = Template("""\
#include "${name}_resolver.h"

// Where all operators of a kind work on one type, only the kernels of that type are registered.
TfLiteStatus ${name}_register_operators(${name}_op_resolver &resolver)
{
$calls    return kTfLiteOk;
}
""")

_README = Template("""\
# $title

A model for TensorFlow Lite Micro on $device. Made by edgekit; changes are lost when it is made
again.

```cpp
#include "${name}_model.h"
#include "${name}_resolver.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/schema/schema_generated.h"

alignas(${upper}_ARENA_ALIGNMENT) static uint8_t arena[${upper}_ARENA_BYTES];
static ${name}_op_resolver resolver;

${name}_register_operators(resolver);
static tflite::MicroInterpreter interpreter(
    tflite::GetModel(${name}_model), resolver, arena, sizeof arena);
interpreter.AllocateTensors();                                      // once
memcpy(interpreter.input(0)->data.raw, input, ${input}_BYTES);
if (interpreter.Invoke() == kTfLiteOk) {
    const void *output = interpreter.output(0)->data.raw;
}
```

## Arena

`${upper}_ARENA_BYTES` is $arena_bytes: $method. When it runs on the board,
`interpreter.arena_used_bytes()` tells the exact size.

## TensorFlow Lite Micro

It has no numbered releases. The calls in `${name}_resolver.cc` are those of its sources of $since
and later; older copies may lack an operator, or a registration for one type. A FULLY_CONNECTED
layer with a scale for each channel needs sources of September 2024 or later.

Operators: $kinds.
""")


@dataclass(frozen=True, slots=True)
class TflmModel:
    """What the files say.

    Attributes:
        name: Prefix of everything public.
        title: The bundle's name.
        device: What it was packed for.
        content: The ``.tflite``.
        main: Its main subgraph.
        labels: Of the classes of the output.
        arena: How large the arena has to be.
        registers: Calls that register its operators.
        since: Year of the oldest sources that have them all.
    """

    name: str
    title: str
    device: str
    content: bytes = field(repr=False)
    main: Subgraph = field(repr=False)
    labels: tuple[str, ...]
    arena: ArenaEstimate
    registers: tuple[str, ...]
    since: int


def texts(model: TflmModel) -> Mapping[str, str]:
    """Return all files by name."""
    tensors = [*_tensors(model, "input"), *_tensors(model, "output")]
    values = {
        "name": model.name,
        "upper": model.name.upper(),
        "title": model.title,
        "device": model.device,
        "model_bytes": str(len(model.content)),
        "arena_bytes": str(model.arena.recommended_bytes),
        "alignment": str(ARENA_ALIGNMENT),
        "method": model.arena.method,
        "tensors": "\n".join(tensor_macros(item) for item in tensors),
        "labels": label_macros(model.name.upper(), model.labels),
        "rows": "".join(_rows(model.content)),
        "count": str(len(model.registers)),
        "calls": "".join(_call(call) for call in model.registers),
        "kinds": ", ".join(f"`{call.split('(')[0]}`" for call in model.registers),
        "input": tensors[0].c_name,
        "since": str(model.since),
    }
    templates = {
        f"{model.name}_model.h": _MODEL_HEADER,
        f"{model.name}_model.cc": _MODEL_SOURCE,
        f"{model.name}_resolver.h": _RESOLVER_HEADER,
        f"{model.name}_resolver.cc": _RESOLVER_SOURCE,
        "README.md": _README,
    }
    return {name: template.substitute(values) for name, template in templates.items()}


def _tensors(model: TflmModel, kind: str) -> tuple[CTensor, ...]:
    """Return inputs or outputs; where they lie in the arena is the interpreter's to decide."""
    indices = model.main.inputs if kind == "input" else model.main.outputs
    tensors = [model.main.tensors[index] for index in indices]
    return describe_tensors(tensors, f"{model.name}_{kind}", [0] * len(tensors))


def _rows(content: bytes) -> Iterator[str]:
    for start in range(0, len(content), _BYTES_IN_A_LINE):
        row = content[start : start + _BYTES_IN_A_LINE]
        yield f"    {', '.join(f'0x{byte:02x}' for byte in row)},\n"


def _call(call: str) -> str:
    return f"    if (resolver.{call} != kTfLiteOk) {{\n        return kTfLiteError;\n    }}\n"
