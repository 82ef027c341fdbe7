"""A bundle for TensorFlow Lite Micro: array, resolver, arena, README."""

from edgekit.bundle import Bundle
from edgekit.converters.contract import ContractError, Violation
from edgekit.converters.graph import Graph, read_graph
from edgekit.device_profiles import DeviceKind, DeviceProfile, Sourced
from edgekit.packaging.errors import WrongDeviceKindError
from edgekit.packaging.mcu import library_name
from edgekit.packaging.package import Package, PackageOptions
from edgekit.packaging.tflm.arena import ArenaEstimate, estimate_arena
from edgekit.packaging.tflm.registrations import needed_kinds, register, registrations
from edgekit.packaging.tflm.texts import TflmModel, texts

__all__ = ["package_for_tflm"]

_HINT = "choose another device or model; --force packs for memories that are too small"


def package_for_tflm(bundle: Bundle, options: PackageOptions) -> Package:
    """Return a bundle's model for firmware with TensorFlow Lite Micro.

    Raises:
        WrongDeviceKindError: The device is no microcontroller.
        ContractError: The interpreter has no kernel for an operator, or memories are too small.
        MissingDependencyError: The interpreter, which measures the arena, is not installed.
        ArenaMeasurementError: The interpreter does not take the model.
    """
    device = options.device
    if device.kind is not DeviceKind.MCU:
        raise WrongDeviceKindError(device, "microcontrollers")
    graph = read_graph(bundle.model)
    unknown = _unknown_operators(graph, device)
    if unknown:
        raise ContractError(unknown)
    arena = estimate_arena(bundle.model, device)
    violations = _too_small(arena, bundle.model, device)
    if violations and not options.force:
        raise ContractError(violations, hint=_HINT)
    kinds = needed_kinds(graph)
    model = TflmModel(
        name=options.name or library_name(bundle),
        title=" ".join(bundle.manifest.name.split()),
        device=" ".join(device.title.split()),
        content=bundle.model,
        main=graph.main,
        labels=tuple(bundle.labels) if options.labels else (),
        arena=arena,
        registers=tuple(register(graph, kind) for kind in kinds),
        since=max(registrations()[kind].since for kind in kinds),
    )
    return Package(
        name=model.name,
        files={name: text.encode() for name, text in texts(model).items()},
        facts={
            "arena_bytes": arena.recommended_bytes,
            "arena_method": arena.method,
            "model_bytes": len(bundle.model),
            "operators": ", ".join(kinds),
            "tflm_sources_since": model.since,
        },
    )


def _unknown_operators(graph: Graph, device: DeviceProfile) -> tuple[Violation, ...]:
    return tuple(
        Violation(
            constraint="operator_has_a_registration",
            rule="TensorFlow Lite Micro has a kernel for every operator.",
            subject=f"{operator.kind} #{operator.index}",
            origin="unknown",
            particulars="it is a custom operator" if operator.is_custom else "there is none",
            device=device.name,
            is_float_island=False,
        )
        for part in graph.subgraphs
        for operator in part.operators
        if operator.is_custom or operator.kind not in registrations()
    )


def _too_small(arena: ArenaEstimate, model: bytes, device: DeviceProfile) -> tuple[Violation, ...]:
    """Return what the memories lack for arena and model alone; the interpreter comes on top."""
    found = (
        _violation("RAM", "the arena", arena.recommended_bytes, device.ram_bytes, device),
        _violation("flash", "the model", len(model), device.flash_bytes, device),
    )
    return tuple(item for item in found if item)


def _violation(
    memory: str, what: str, needed: int, there: Sourced[int] | None, device: DeviceProfile
) -> Violation | None:
    if there is None or needed <= there.value:
        return None
    return Violation(
        constraint="model_fits_memory",
        rule="Model and arena fit the memories of the device.",
        subject=f"the {memory}",
        origin="the whole model",
        particulars=f"{what} takes {needed:,} bytes, {needed - there.value:,} bytes over the "
        f"{there.value:,} that there are",
        device=device.name,
        is_float_island=False,
    )
