"""An integer model as a C library."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edgekit.converters.c.arena import Arena
from edgekit.converters.c.constants import ConstantPool
from edgekit.converters.c.errors import LibraryNameError
from edgekit.converters.c.header import header_text
from edgekit.converters.c.interface import describe_tensors
from edgekit.converters.c.library import CLibrary, CTensor, Isa
from edgekit.converters.c.scheduling import plan_within
from edgekit.converters.c.source import source_text
from edgekit.converters.graph import Tensor, read_graph

__all__ = ["COptions", "generate_c", "library_of"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class COptions:
    """How a library is made.

    Attributes:
        name: Prefix of everything public: lower-case letters, digits, underscores.
        isa: What kernels are written for.
        labels: Of the classes of the output, for a macro in the header.
        layer_hook: Whether a function of the caller's is called before each layer.
        origins: Tensor name -> node of the source, for messages.
        arena_budget_bytes: The most that the arena may take; where it needs to, the first layers
            are computed stripe by stripe. Any size will do where None.
    """

    name: str
    isa: Isa = Isa.PORTABLE
    labels: Sequence[str] = ()
    layer_hook: bool = False
    origins: Mapping[str, str] = field(default_factory=dict, repr=False)
    arena_budget_bytes: int | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise LibraryNameError(self.name)


def generate_c(model: bytes, options: COptions) -> CLibrary:
    """Return an integer TFLite model as C99.

    Args:
        model: The content of a ``.tflite``.
        options: How it is made.

    Returns:
        Sources that compute what TensorFlow Lite Micro computes, byte for byte.

    Raises:
        ContractError: Operators that have no kernel, all of them by name.
        MalformedModelError: It is no TFLite model.
        ArenaBudgetError: It needs more memory than the budget, in stripes too.
    """
    graph = read_graph(model)
    arena = plan_within(graph, options.isa, options.origins, options.arena_budget_bytes)
    return library_of(arena, options)


def library_of(arena: Arena, options: COptions) -> CLibrary:
    """Return the C of a program whose arena is planned."""
    program, name = arena.program, options.name
    main = program.subgraph
    pool = ConstantPool(name)
    inputs = _interface(arena, [main.tensors[index] for index in main.inputs], f"{name}_input")
    outputs = _interface(arena, [main.tensors[index] for index in main.outputs], f"{name}_output")
    source = source_text(name, arena, pool, inputs, outputs, has_hook=options.layer_hook)
    header = header_text(
        name,
        arena_bytes=arena.size_bytes,
        tensors=(*inputs, *outputs),
        labels=options.labels,
        layer_count=len(program.steps),
        has_hook=options.layer_hook,
    )
    return CLibrary(
        name=name,
        isa=options.isa,
        files={f"{name}.h": header, f"{name}.c": source, **_weights(name, pool)},
        arena_bytes=arena.size_bytes,
        static_bytes=0,
        weights_bytes=pool.size_bytes,
        inputs=inputs,
        outputs=outputs,
        layers=tuple(item.name for item in program.steps),
        plan=arena.plan,
        schedule=program.schedule.method,
        extra_macs=program.schedule.extra_macs,
    )


def _interface(arena: Arena, tensors: Sequence[Tensor], prefix: str) -> tuple[CTensor, ...]:
    return describe_tensors(tensors, prefix, [arena.offset(tensor.index) for tensor in tensors])


def _weights(name: str, pool: ConstantPool) -> dict[str, str]:
    upper = name.upper()
    guard = f"{upper}_WEIGHTS_H"
    header = (
        f"/* Constants of {name}: weights, biases, tables. */\n"
        f"#ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n\n"
        f"{pool.declarations()}\n#endif\n"
    )
    source = (
        f'#include "{name}_weights.h"\n\n'
        "#if defined(__GNUC__) || defined(__clang__)\n"
        f"#define {upper}_ALIGNED(bytes) __attribute__((aligned(bytes)))\n"
        "#else\n"
        f"#define {upper}_ALIGNED(bytes)\n"
        "#endif\n\n"
        f"{pool.definitions(f'{upper}_ALIGNED')}"
    )
    return {f"{name}_weights.h": header, f"{name}_weights.c": source}
