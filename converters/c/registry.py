"""Which function plans which operator in C, by TFLite's name and by what it is written for."""

from collections.abc import Callable

from edgekit.converters.c.errors import UnsupportedLayerError
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.c.step import Plan
from edgekit.converters.registering import load_modules

__all__ = ["Planner", "plan_layer", "plans", "supported_operators"]

Planner = Callable[[Layer], Plan | None]

_PACKAGE = "edgekit.converters.c.ops"
_PLANNERS: dict[tuple[str, Isa], Planner] = {}
_SPECIAL: dict[tuple[str, Isa], Planner] = {}


def plans(
    *operators: str, isa: Isa = Isa.PORTABLE, special: bool = False
) -> Callable[[Planner], Planner]:
    """Register a function that plans these operators.

    The function settles all that is known of a :class:`Layer` and returns the step that computes
    it, or several in order, or an alias where nothing has to be computed. It refuses, by
    :meth:`Layer.require`, what its kernels cannot compute as TensorFlow Lite Micro does. Of the
    portable one, the docstring is the text on the page of supported operators.

    One that is written for an instruction set returns None for a layer that it is not made for,
    or refuses it; then the next simpler one plans it, at last the portable one.

    Args:
        operators: TFLite's names.
        isa: What the kernel is written for.
        special: Whether it is for some layers alone, and asked before the general one for the
            same ``isa``.
    """
    planners = _SPECIAL if special else _PLANNERS

    def register(planner: Planner) -> Planner:
        for operator in operators:
            if (operator, isa) in planners:
                raise TypeError(f"{operator} for {isa} is registered twice")
            planners[operator, isa] = planner
        return planner

    return register


def plan_layer(layer: Layer) -> Plan | None:
    """Return what a layer becomes, None where there is no kernel for its operator.

    Raises:
        UnsupportedLayerError: There is one that cannot compute this layer.
    """
    load_modules(_PACKAGE)
    ways = [(planners, isa) for isa in layer.isa.and_simpler for planners in (_SPECIAL, _PLANNERS)]
    for planners, isa in ways:
        planner = planners.get((layer.operator.kind, isa))
        try:
            planned = planner(layer) if planner else None
        except UnsupportedLayerError:
            if planners is _PLANNERS and isa is Isa.PORTABLE:
                raise
            continue
        if planned is not None:
            return planned
    return None


def supported_operators() -> dict[str, dict[Isa, Planner]]:
    """Return every operator that can be generated, with what plans it."""
    load_modules(_PACKAGE)
    found: dict[str, dict[Isa, Planner]] = {}
    for (operator, isa), planner in sorted(_PLANNERS.items()):
        found.setdefault(operator, {})[isa] = planner
    return found
