"""What of a torch model belongs to training only: put into evaluation mode, or refused."""

from collections.abc import Iterator
from typing import Any

from edgekit.converters.finding import CompressionFinding, FindingKind
from edgekit.converters.sources.base import SourceError

__all__ = ["refuse_training", "training_parts"]

_FLAGS = ("train", "training")
_NAMED = 3


def training_parts(module: Any) -> tuple[CompressionFinding, ...]:
    """Return what of a module only training needs, one finding for each kind.

    That is what computes otherwise in training mode and is in that mode now, and observers and
    fake-quantizers that do not quantize.

    Args:
        module: A ``torch.nn.Module``, before it is put into evaluation mode.
    """
    parts: dict[tuple[str, str], list[str]] = {}
    inside = "?"  # of the last fake-quantizer, whose observer goes with it
    for name, part in module.named_modules():
        kind, bases = type(part).__name__, {base.__name__ for base in type(part).__mro__}
        what = "in training mode, converted in evaluation mode"
        if "FakeQuantizeBase" in bases:
            inside = f"{name}."
        elif "ObserverBase" in bases and name.startswith(inside):
            continue
        if bases.isdisjoint(("FakeQuantizeBase", "ObserverBase")):
            is_left = part.training and _differs(part)
        else:
            what = "that changes nothing, taken out"
            is_left = "ObserverBase" in bases or not bool(part.fake_quant_enabled[0])
        if is_left:
            parts.setdefault((kind, what), []).append(name or kind)
    return tuple(
        CompressionFinding(
            FindingKind.LEFTOVER,
            names[0],
            f"{len(names)} {kind} {what}: "
            f"{', '.join(names[:_NAMED])}{', ...' if len(names) > _NAMED else ''}",
            {"parts": len(names), "operator": kind, "names": ", ".join(names)},
        )
        for (kind, what), names in parts.items()
    )


def _differs(part: Any) -> bool:
    kind = type(part).__name__
    if "Dropout" in kind:
        return getattr(part, "p", 0) > 0
    return "BatchNorm" in kind and getattr(part, "running_mean", None) is not None


def refuse_training(program: Any, name: str) -> None:
    """Refuse a program that drops values, or takes the statistics of its batch.

    Args:
        program: A ``torch.export.ExportedProgram``.
        name: What to call it.

    Raises:
        SourceError: Naming the operators.
    """
    found = list(_training_operators(program))
    if found:
        raise SourceError(
            f"{name} is in training mode: {found[0]}",
            details=found[1 : _NAMED + 1],
            hint="call model.eval() before export, and give functional.dropout "
            "training=self.training; a batch-norm needs track_running_stats=True",
        )


def _training_operators(program: Any) -> Iterator[str]:
    for node in program.graph.nodes:
        schema = getattr(node.target, "_schema", None)
        if schema is None or not any(part in schema.name for part in ("norm", "dropout")):
            continue
        for position, argument in enumerate(schema.arguments):
            given = node.args[position] if position < len(node.args) else None
            value = node.kwargs.get(argument.name, given)
            if argument.name in _FLAGS and value is True and not _is_idle(schema.name, node):
                yield f"{schema.name.removeprefix('aten::')} '{node.name}'{_place(node)}"


def _is_idle(kind: str, node: Any) -> bool:
    """Whether it is a dropout that drops nothing."""
    return "dropout" in kind and len(node.args) > 1 and node.args[1] == 0


def _place(node: Any) -> str:
    """Say which line of the user's program it comes from, as far as torch knows."""
    lines = [line.strip() for line in str(node.meta.get("stack_trace", "")).splitlines()]
    places = [line for line in lines if line.startswith("File ")]
    return f" ({places[-1].removeprefix('File ').replace(chr(34), '')})" if places else ""
