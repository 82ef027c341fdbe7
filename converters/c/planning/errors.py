"""What can be wrong with buffers that are to be planned, or with a plan."""

from collections.abc import Sequence

from edgekit.errors import EdgekitError

__all__ = ["PlanningError", "UnsafePlanError"]


class PlanningError(EdgekitError):
    """Buffers or overlaps that contradict themselves.

    Args:
        name: The buffer, or both buffers of an overlap.
        why: What is wrong with it.
    """

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"cannot plan the memory of {name}: {why}",
            hint="mend what states the buffers; no order of them would help",
        )
        self.name = name


class UnsafePlanError(EdgekitError):
    """A plan in which buffers that are alive together touch.

    Args:
        problems: One line for each thing that is wrong.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(
            "the memory plan would let tensors overwrite each other",
            hint="report it with the model: nothing was generated from this plan",
            details=problems,
        )
        self.problems = tuple(problems)
