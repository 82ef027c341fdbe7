"""A bundle as a C library: made, held against the device, laid out."""

from dataclasses import replace

from edgekit.bundle import Bundle
from edgekit.converters.contract import ContractError
from edgekit.device_profiles import DeviceKind, DeviceProfile
from edgekit.files import sha256_bytes
from edgekit.packaging.errors import WrongDeviceKindError
from edgekit.packaging.mcu.fitting import library_violations
from edgekit.packaging.mcu.layouts import LayoutFacts, lay_out
from edgekit.packaging.mcu.making import make_library
from edgekit.packaging.mcu.processing import processing_files
from edgekit.packaging.package import Package, PackageOptions

__all__ = ["package_for_mcu"]

_TOO_SMALL = (
    "choose a larger device or a smaller model; --arena BYTES computes the first layers in "
    "stripes, which takes less RAM; --force packs it all the same"
)


def package_for_mcu(bundle: Bundle, options: PackageOptions) -> Package:
    """Return a bundle's model as a C library for a microcontroller.

    Raises:
        WrongDeviceKindError: The device is no microcontroller.
        ContractError: Operators that have no kernel, or memories that are too small.
        ArenaBudgetError: The arena cannot be as small as was asked for.
    """
    device = options.device
    if device.kind is not DeviceKind.MCU:
        raise WrongDeviceKindError(device, "microcontrollers")
    library = make_library(
        bundle,
        device,
        name=options.name,
        labels=options.labels,
        arena_bytes=options.arena_bytes,
    )
    violations = library_violations(library, device)
    if violations and not options.force:
        raise ContractError(violations, hint=_TOO_SMALL)
    library = replace(library, files={**library.files, **processing_files(library, bundle)})
    return Package(
        name=library.name,
        files=lay_out(library, _layout_facts(bundle, device)),
        facts={
            "isa": str(library.isa),
            "arena_bytes": library.arena_bytes,
            "arena_lower_bound_bytes": library.plan.lower_bound_bytes,
            "arena_method": library.plan.method,
            "static_bytes": library.static_bytes,
            "constant_bytes": library.weights_bytes,
            "layers": len(library.layers),
            "schedule": library.schedule,
        },
    )


def _layout_facts(bundle: Bundle, device: DeviceProfile) -> LayoutFacts:
    """Return what manifests say: the version's build metadata tell one model from another."""
    return LayoutFacts(
        title=" ".join(bundle.manifest.name.split()),
        version=f"1.0.0+{sha256_bytes(bundle.model)[:12]}",
        device=" ".join(device.title.split()),
    )
