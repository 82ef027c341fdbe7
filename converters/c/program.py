"""A graph as the straight sequence of steps that its C code is."""

from collections.abc import Mapping
from dataclasses import dataclass

from edgekit.converters.c.errors import UnsupportedLayerError
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.registry import plan_layer
from edgekit.converters.c.resources import with_variables
from edgekit.converters.c.step import Alias, Plan, Step
from edgekit.converters.c.striping import Schedule, layer_by_layer
from edgekit.converters.contract import ContractError, Violation
from edgekit.converters.graph import Graph, Operator, Subgraph, Tensor
from edgekit.converters.origins import origin_of

__all__ = ["PlannedStep", "Program", "plan_program"]

_RULE = "The C generator has a kernel that computes it as TensorFlow Lite Micro does."


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step, and the operator that it computes.

    Attributes:
        operator: The operator.
        step: What computes it, or a part of it.
        part: Which part or stripe, None where it is the whole.
    """

    operator: Operator
    step: Step
    part: int | None = None

    @property
    def name(self) -> str:
        """The operator, as messages name it."""
        part = "" if self.part is None else f".{self.part}"
        return f"{self.operator.kind} #{self.operator.index}{part}"

    @property
    def reads(self) -> tuple[int, ...]:
        """Tensors whose addresses are passed, by index."""
        return tuple(self.operator.inputs[position] for position in self.step.inputs)

    @property
    def writes(self) -> tuple[int, ...]:
        """Tensors that it writes, by index."""
        return tuple(self.operator.outputs[position] for position in self.step.outputs)


@dataclass(frozen=True, slots=True)
class Program:
    """Steps in the order of execution.

    Attributes:
        subgraph: What they compute.
        steps: One for each operator that needs code.
        roots: Tensors that are another's bytes, by index, with whose they are.
        schedule: The order of execution.
    """

    subgraph: Subgraph
    steps: tuple[PlannedStep, ...]
    roots: Mapping[int, int]
    schedule: Schedule

    @property
    def variables(self) -> tuple[Tensor, ...]:
        """Tensors that keep their values from one invocation to the next."""
        return tuple(
            item
            for item in self.subgraph.tensors
            if item.is_variable and self.root(item.index) == item.index
        )

    def root(self, index: int) -> int:
        """Return the tensor whose memory a tensor is."""
        view = self.schedule.views.get(index)
        return view.root if view else self.roots.get(index, index)

    def offset_in_root(self, index: int) -> int:
        """Return where a tensor begins in the memory of its root, in bytes."""
        view = self.schedule.views.get(index)
        return view.offset_bytes if view else 0


def plan_program(
    graph: Graph,
    isa: Isa,
    origins: Mapping[str, str] | None = None,
    schedule: Schedule | None = None,
) -> Program:
    """Return the steps of a graph.

    Args:
        graph: The model; its main subgraph is planned.
        isa: What kernels shall be written for.
        origins: Tensor name -> node of the source, for messages.
        schedule: In which order what is computed; layer by layer without.

    Raises:
        ContractError: Operators that have no kernel, all of them by name.
    """
    schedule = schedule or layer_by_layer(graph.main)
    main, roots = with_variables(schedule.subgraph)
    steps, refused = list[PlannedStep](), []
    for operator, stripe in zip(main.operators, schedule.stripes, strict=True):
        try:
            planned = _plan(Layer(operator, main, isa, stripe.pad_top if stripe else None))
        except UnsupportedLayerError as error:
            refused.append(_violation(main, error, origins or {}))
            continue
        if isinstance(planned, Alias):
            source = operator.inputs[0]
            roots[operator.outputs[0]] = roots.get(source, source)
        else:
            parts = planned if isinstance(planned, tuple) else (planned,)
            before = stripe.number * len(parts) if stripe else 0
            is_whole = stripe is None and len(parts) == 1
            steps.extend(
                PlannedStep(operator, step, None if is_whole else before + part)
                for part, step in enumerate(parts)
            )
    if refused:
        raise ContractError(refused)
    return Program(main, tuple(steps), roots, schedule)


def _plan(layer: Layer) -> Plan:
    planned = plan_layer(layer)
    if planned is None:
        raise UnsupportedLayerError(layer.operator, "there is no C kernel for it")
    return planned


def _violation(
    subgraph: Subgraph, error: UnsupportedLayerError, origins: Mapping[str, str]
) -> Violation:
    operator = error.operator
    return Violation(
        constraint="operator_can_be_generated",
        rule=_RULE,
        subject=f"{operator.kind} #{operator.index}",
        origin=origin_of(subgraph, operator, origins),
        particulars=error.why,
        device=None,
        is_float_island=False,
    )
