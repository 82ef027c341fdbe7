"""Per-operator profiles of a bundle: its model is cut, and what each cut adds is timed."""

from edgekit.profiling.errors import ProfileError
from edgekit.profiling.profiler import profile

__all__ = ["ProfileError", "profile"]
