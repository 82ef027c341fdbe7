"""Device profiles: facts with sources, what each runtime executes, and whether a model fits."""

from edgekit.device_profiles.fit import FitReport, FitVerdict, MemoryFit, fit
from edgekit.device_profiles.loader import PATH_VARIABLE, device_names, load_profile
from edgekit.device_profiles.profile import DeviceKind, DeviceProfile, IsaFeature
from edgekit.device_profiles.runtime_support import (
    OperatorSupport,
    RuntimeSupport,
    load_runtime,
    runtime_names,
)
from edgekit.device_profiles.sourced import Coefficient, ProfileError, Sourced

__all__ = [
    "PATH_VARIABLE",
    "Coefficient",
    "DeviceKind",
    "DeviceProfile",
    "FitReport",
    "FitVerdict",
    "IsaFeature",
    "MemoryFit",
    "OperatorSupport",
    "ProfileError",
    "RuntimeSupport",
    "Sourced",
    "device_names",
    "fit",
    "load_profile",
    "load_runtime",
    "runtime_names",
]
