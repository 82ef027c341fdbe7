"""The code of a library: kernels, the parameters of every call, and the straight line of calls."""

from collections.abc import Mapping, Sequence
from string import Template

import numpy as np

from edgekit.converters.c.arena import Arena
from edgekit.converters.c.constants import ConstantPool, c_integer
from edgekit.converters.c.header import comment
from edgekit.converters.c.kernels import kernel_sources
from edgekit.converters.c.library import CTensor
from edgekit.converters.c.program import PlannedStep
from edgekit.converters.c.step import Array, Parameter
from edgekit.converters.graph import DataType

__all__ = ["source_text"]

_TEXT = Template("""\
/* ${name}: made by edgekit from a TFLite model. Changes are lost when it is made again. */
#include "${name}.h"

#include "${name}_weights.h"
$headers
$kernels
$parameters
${name}_status ${name}_init(${name}_model *model, void *arena, size_t arena_bytes)
{
    if (model == NULL || arena == NULL) {
        return ${upper}_ERROR_NULL;
    }
    if (arena_bytes < ${upper}_ARENA_BYTES) {
        return ${upper}_ERROR_ARENA_SIZE;
    }
    if ((uintptr_t)arena % ${upper}_ARENA_ALIGNMENT != 0u) {
        return ${upper}_ERROR_ARENA_ALIGNMENT;
    }
    model->arena = (uint8_t *)arena;
${variables}\
    return ${upper}_OK;
}

void *${name}_input(${name}_model *model, size_t index)
{
${input_body}\
}

${name}_status ${name}_invoke(${name}_model *model)
{
    if (model == NULL || model->arena == NULL) {
        return ${upper}_ERROR_NULL;
    }
    uint8_t *const arena = model->arena;
${calls}\
    return ${upper}_OK;
}

const void *${name}_output(const ${name}_model *model, size_t index)
{
    static const uint32_t offsets[] = { $outputs };
    if (model == NULL || model->arena == NULL || index >= ${upper}_OUTPUT_COUNT) {
        return NULL;
    }
    return model->arena + offsets[index];
}
""")


_INPUT = Template("""\
    static const uint32_t offsets[] = { $offsets };
    if (model == NULL || model->arena == NULL || index >= ${upper}_INPUT_COUNT) {
        return NULL;
    }
    return model->arena + offsets[index];
""")
_NO_INPUT = """\
    (void)model;
    (void)index;
    return NULL;
"""


def source_text(
    name: str,
    arena: Arena,
    pool: ConstantPool,
    inputs: Sequence[CTensor],
    outputs: Sequence[CTensor],
    *,
    has_hook: bool,
) -> str:
    """Return the text of ``NAME.c``; what it needs of constants gets a name in ``pool``."""
    steps = arena.program.steps
    headers, kernels = kernel_sources(item.step.kernel for item in steps)
    if arena.program.variables:
        headers = tuple(sorted({*headers, "string.h"}))
    calls = [_call(name, arena, pool, number, has_hook) for number in range(len(steps))]
    if has_hook:
        calls.append(f"    {name}_on_layer({len(steps)});\n")
    if not steps:
        calls.insert(0, "    (void)arena;\n")
    return _TEXT.substitute(
        name=name,
        upper=name.upper(),
        headers="".join(f"#include <{header}>\n" for header in headers),
        kernels=kernels,
        parameters="\n".join(_parameters(pool, number, item) for number, item in enumerate(steps)),
        variables=_variables(arena),
        input_body=_INPUT.substitute(upper=name.upper(), offsets=_offsets(inputs))
        if inputs
        else _NO_INPUT,
        outputs=_offsets(outputs),
        calls="".join(calls),
    )


def _parameters(pool: ConstantPool, number: int, item: PlannedStep) -> str:
    if not item.step.parameters:
        return ""
    fields = "".join(
        f"    .{field} = {_value(pool, field, value)},\n"
        for field, value in item.step.parameters.items()
    )
    return (
        f"static const {item.step.kernel.function}_params layer_{number} = "
        f"{{ /* {comment(item.name)} */\n{fields}}};\n"
    )


def _value(pool: ConstantPool, field: str, value: Parameter) -> str:
    if isinstance(value, Array):
        return pool.name(value, field)
    if isinstance(value, tuple):
        return f"{{ {', '.join(c_integer(item) for item in value)} }}"
    if isinstance(value, Mapping):
        items = (f".{name} = {_value(pool, name, item)}" for name, item in value.items())
        return f"{{ {', '.join(items)} }}"
    return c_integer(value) if isinstance(value, int) else str(value)


def _call(name: str, arena: Arena, pool: ConstantPool, number: int, has_hook: bool) -> str:
    item = arena.program.steps[number]
    arguments = [f"&layer_{number}"] if item.step.parameters else []
    arguments += [_address(arena, pool, index) for index in (*item.reads, *item.writes)]
    if item.step.scratch_bytes:
        arguments.append(_in_arena(arena.scratch_offset(item)))
    hook = f"    {name}_on_layer({number});\n" if has_hook else ""
    return f"{hook}    {item.step.kernel.function}({', '.join(arguments)});\n"


def _address(arena: Arena, pool: ConstantPool, index: int) -> str:
    tensor = arena.program.subgraph.tensors[arena.program.root(index)]
    if tensor.data is None or tensor.is_variable:
        return _in_arena(arena.offset(index))
    dtype = tensor.dtype.numpy if tensor.dtype is not DataType.BOOL else None
    return pool.name(Array(np.frombuffer(tensor.data, dtype or "uint8")), "constant")


def _in_arena(offset: int) -> str:
    return f"(void *)(arena + {offset})"


def _variables(arena: Arena) -> str:
    """Return what gives variables their first values: zero, as real values."""
    lines = []
    for tensor in arena.program.variables:
        zero = tensor.quantization.zero_points[0] if tensor.quantization else 0
        value = zero % 256 if tensor.dtype is DataType.INT8 else 0
        place = f"model->arena + {arena.offset(tensor.index)}"
        lines.append(f"    (void)memset({place}, {value}, {tensor.size_bytes}u);\n")
    return "".join(lines)


def _offsets(tensors: Sequence[CTensor]) -> str:
    return ", ".join(f"{item.arena_offset}" for item in tensors)
