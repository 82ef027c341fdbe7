"""What an operator becomes: one call of a C kernel with everything settled, or no code at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

__all__ = ["Alias", "Array", "Follow", "Kernel", "Parameter", "Plan", "Step"]


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """Constant data of a kernel; equal arrays are stored once.

    Attributes:
        values: Flattened as they are written; their type is the array's.
        alignment: Of the first element, in bytes.
    """

    values: npt.NDArray[Any]
    alignment: int = 4


Parameter = int | float | str | Array | tuple[int, ...] | Mapping[str, "Parameter"]


@dataclass(frozen=True, slots=True)
class Kernel:
    """A C function of a template in ``ops``.

    Attributes:
        template: File beside the planner, for example ``conv_2d.c``.
        function: Its function; its parameters are a ``<function>_params``.
        values: What the template's ``$names`` stand for. Steps with equal kernels share one.
    """

    template: str
    function: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Follow:
    """An output may lie over an input that ends here, if it stays far enough behind it.

    Attributes:
        input: Position among the step's inputs.
        output: Position among the step's outputs.
        distance_bytes: The output must start at least so far before the input: the most, over
            the kernel's steps, by which what is written passes what is still to be read.
    """

    input: int
    output: int
    distance_bytes: int


@dataclass(frozen=True, slots=True)
class Step:
    """A call ``function(&parameters, inputs..., outputs..., scratch)``.

    Attributes:
        kernel: What is called.
        parameters: Fields of its parameter struct; without any, none is passed.
        inputs: Positions of the operator's inputs whose addresses are passed.
        outputs: Positions of the operator's outputs whose addresses are passed.
        scratch_bytes: Memory that it needs while it runs; without, none is passed.
        follows: How outputs may lie over inputs. Without: they must not overlap.
    """

    kernel: Kernel
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    inputs: tuple[int, ...] = (0,)
    outputs: tuple[int, ...] = (0,)
    scratch_bytes: int = 0
    follows: tuple[Follow, ...] = ()


@dataclass(frozen=True, slots=True)
class Alias:
    """The outputs are the first input's bytes, unchanged: no code, no memory."""


Plan = Step | Alias | tuple[Step, ...]
