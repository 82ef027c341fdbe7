"""The nouns of the contract: what was asked, what is checked against it, what breaks it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from edgekit.bundle.manifest import Io, Scheme
from edgekit.device_profiles import DeviceProfile

__all__ = [
    "Constraint",
    "ContractContext",
    "Violation",
    "constraint",
    "constraints",
]


@dataclass(frozen=True, slots=True)
class ContractContext:
    """What a graph is checked against.

    Attributes:
        scheme: The scheme that was asked for.
        io: The interface type that was asked for.
        device: The device, None for what holds everywhere.
        origins: TFLite tensor name -> node of the source.
    """

    scheme: Scheme
    io: Io
    device: DeviceProfile | None = None
    origins: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that breaks the contract.

    Attributes:
        constraint: Name of the constraint function.
        rule: Its docstring's first sentence.
        subject: The operator or tensor, by name.
        origin: The source node it came from, or ``unknown``.
        particulars: What was found.
        device: The device that demands it, None for what was asked for itself.
        is_float_island: True where allowing float islands allows it.
    """

    constraint: str
    rule: str
    subject: str
    origin: str
    particulars: str
    device: str | None
    is_float_island: bool

    def __str__(self) -> str:
        target = f"[{self.device}] " if self.device else ""
        return f"{target}{self.subject} (from {self.origin}): {self.particulars}. {self.rule}"


Check = Callable[..., str | None]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A registered constraint.

    Attributes:
        check: Returns None where it holds, else what was found instead.
        subject: ``operator``, ``tensor`` or ``graph``.
        per_device: Whether it depends on a device.
        is_float_island: Whether allowing float islands waives it.
    """

    check: Check
    subject: str
    per_device: bool
    is_float_island: bool

    @property
    def name(self) -> str:
        """Name of the function."""
        return self.check.__name__

    @property
    def rule(self) -> str:
        """The docstring: the user's message and the text of the docs page."""
        return " ".join((self.check.__doc__ or "").split())


_CONSTRAINTS: dict[str, Constraint] = {}


def constraint(
    subject: str, *, per_device: bool = False, is_float_island: bool = False
) -> Callable[[Check], Check]:
    """Register a constraint function under its name.

    An ``operator`` constraint takes ``(operator, subgraph, context)``, a ``tensor`` constraint
    ``(tensor, subgraph, context)``, a ``graph`` constraint ``(subgraph, context)``.
    """

    def register(check: Check) -> Check:
        if check.__name__ in _CONSTRAINTS:
            raise TypeError(f"the constraint {check.__name__} is registered twice")
        _CONSTRAINTS[check.__name__] = Constraint(check, subject, per_device, is_float_island)
        return check

    return register


def constraints() -> tuple[Constraint, ...]:
    """Return every registered constraint, in the order of registration."""
    from edgekit.converters.contract import (
        device_constraints,
        join_constraints,
        scheme_constraints,
    )

    del device_constraints, join_constraints, scheme_constraints  # imported for their registrations
    return tuple(_CONSTRAINTS.values())
