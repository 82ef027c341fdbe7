"""The C library of a bundle, written for what a device's core can do."""

import re

from edgekit.bundle import Bundle
from edgekit.converters.c import CLibrary, COptions, Isa, generate_c
from edgekit.device_profiles import DeviceProfile
from edgekit.device_profiles.profile import IsaFeature

__all__ = ["isa_of", "library_name", "make_library"]


def isa_of(profile: DeviceProfile) -> Isa:
    """Return what kernels for a device are written for; portable where nothing is known."""
    features = profile.isa_features.value if profile.isa_features else frozenset()
    if IsaFeature.MVE in features:
        return Isa.MVE
    return Isa.DSP if IsaFeature.DSP in features else Isa.PORTABLE


def library_name(bundle: Bundle) -> str:
    """Return a C identifier that is as near to a bundle's name as can be."""
    name = re.sub(r"[^a-z0-9]+", "_", bundle.manifest.name.lower()).strip("_")
    return name if name[:1].isalpha() else f"model_{name}".rstrip("_")


def make_library(
    bundle: Bundle,
    profile: DeviceProfile,
    *,
    name: str | None = None,
    labels: bool = True,
    layer_hook: bool = False,
    arena_bytes: int | None = None,
) -> CLibrary:
    """Return a bundle's model as C for a device.

    Args:
        bundle: The bundle.
        profile: What it is for.
        name: Prefix of everything public; made from the bundle's name where None.
        labels: Whether the labels of its classes go into the header.
        layer_hook: Whether a function of the firmware's is called before each layer.
        arena_bytes: The most that the arena may take; the first layers are computed in stripes
            where it needs to.

    Raises:
        ContractError: Operators that have no kernel, all of them by name.
        ArenaBudgetError: It does not work with so small an arena.
        LibraryNameError: C identifiers cannot start with ``name``.
    """
    options = COptions(
        name=library_name(bundle) if name is None else name,
        isa=isa_of(profile),
        labels=bundle.labels if labels else (),
        layer_hook=layer_hook,
        arena_budget_bytes=arena_bytes,
    )
    return generate_c(bundle.model, options)
