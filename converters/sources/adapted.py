"""Put an adapter onto a torch module: merged, to convert it, and beside the weights, to run it."""

import copy
import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edgekit.converters.sources.peft_checkpoint import AdapterError, Checkpoint, LowRank

__all__ = ["AdaptedModule", "MergedUpdate", "adapted"]

_OTHER_MODEL = "is this an adapter for another model?"
_KINDS = ("Linear", "Conv1D", "Conv1d", "Conv2d", "Embedding")  # Conv1D: transformers' dense layer


@dataclass(frozen=True, slots=True)
class MergedUpdate:
    """What an update did to the weights of its module.

    Attributes:
        update: The update.
        weights: The module's weights with it.
        largest_change: Largest change of a weight, over the largest weight.
    """

    update: LowRank
    weights: Any
    largest_change: float


@dataclass(frozen=True, slots=True)
class AdaptedModule:
    """A module with an adapter, twice.

    Attributes:
        merged: Its weights hold the adapter.
        beside: It computes the adapter's products by themselves, on the weights as they were.
        updates: What went into the weights.
        replaced: Names of the parameters that the adapter replaced as a whole.
    """

    merged: Any
    beside: Any
    updates: tuple[MergedUpdate, ...]
    replaced: tuple[str, ...]


def adapted(module: Any, checkpoint: Checkpoint) -> AdaptedModule:
    """Return a module with an adapter; the module itself stays as it is.

    Weights and updates are added in float64 and rounded once.

    Raises:
        AdapterError: The adapter is for another model, or for a kind of module that cannot take
            it.
    """
    import torch

    merged, beside = copy.deepcopy(module), copy.deepcopy(module)
    for copied in (merged, beside):
        _replace(copied, checkpoint)
    updates = []
    with torch.no_grad():
        for update in checkpoint.updates:
            target = _target(merged, update)
            before = _oriented(target).double()
            weights = _weights(before, update)
            change = (weights - before).abs().max() / before.abs().max().clamp_min(1e-30)
            held = weights.T if _is_transposed(target) else weights
            # A parameter of its own: the old one may be that of another module as well.
            target.weight = torch.nn.Parameter(held.to(target.weight.dtype).contiguous())
            updates.append(MergedUpdate(update, target.weight.detach(), float(change)))
            _target(beside, update).register_forward_hook(_hook(update))
    return AdaptedModule(merged, beside, tuple(updates), tuple(checkpoint.replaced))


def _replace(module: Any, checkpoint: Checkpoint) -> None:
    import torch

    held = dict(module.state_dict(keep_vars=True))
    for name, values in checkpoint.replaced.items():
        if name not in held:
            raise _no_such("tensor", name, list(held))
        if held[name].shape != values.shape:
            raise AdapterError(
                f"the adapter's '{name}' is {tuple(values.shape)}, the model's "
                f"{tuple(held[name].shape)}",
                hint=_OTHER_MODEL,
            )
        with torch.no_grad():
            held[name].copy_(values)


def _target(module: Any, update: LowRank) -> Any:
    """Return the module that an update is for, after checking that it fits."""
    modules = dict(module.named_modules())
    target = modules.get(update.module)
    if target is None:
        raise _no_such("module", update.module, list(modules))
    kind = type(target).__name__
    if kind not in _KINDS or (kind == "Embedding") != update.is_embedding:
        raise AdapterError(
            f"the adapter is for '{update.module}', which is a {kind}",
            hint=f"an adapter is merged into {', '.join(_KINDS)}",
        )
    unmergeable = _unmergeable(target, update)
    if unmergeable:
        raise AdapterError(
            f"the adapter is for '{update.module}', {unmergeable}",
            hint="edgekit cannot merge that exactly: give the peft model itself",
        )
    shape = tuple(_oriented(target).shape)
    given = (update.up.shape[0], *update.down.shape[1:])
    lengths = 0 if update.magnitude is None else update.magnitude.numel()
    if given != shape or lengths not in (0, shape[0]) or set(update.up.shape[2:]) - {1}:
        raise AdapterError(
            f"the adapter's shapes for '{update.module}' do not fit: {tuple(update.up.shape)} and "
            f"{tuple(update.down.shape)} beside weights of {tuple(target.weight.shape)}",
            hint=_OTHER_MODEL,
        )
    return target


def _unmergeable(target: Any, update: LowRank) -> str:
    """Say why a module of a known kind cannot hold an update; empty where it can."""
    if update.is_embedding and update.magnitude is not None:
        return "a DoRA embedding"
    if getattr(target, "groups", 1) != 1:
        return "a convolution with groups"
    if getattr(target, "padding_mode", "zeros") != "zeros":
        return f"padded '{target.padding_mode}', where peft pads the update with zeros"
    return ""


def _no_such(what: str, name: str, names: list[str]) -> AdapterError:
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
    nearest = f"the nearest are {', '.join(near)}; " if near else ""
    return AdapterError(
        f"the adapter is for a {what} '{name}' that the model does not have",
        hint=f"{nearest}{_OTHER_MODEL}",
    )


def _is_transposed(target: Any) -> bool:
    return type(target).__name__ in ("Conv1D", "Embedding")


def _oriented(target: Any) -> Any:
    """Return the weights of a module as ``[out, in, ...]``."""
    weights = target.weight.detach()
    return weights.T if _is_transposed(target) else weights


def _weights(before: Any, update: LowRank) -> Any:
    """Return weights with an update, in float64 (LoRA: arXiv:2106.09685, DoRA: 2402.09353)."""
    up, down = update.up.double(), update.down.double()
    product = up.reshape(len(up), -1) @ down.reshape(len(down), -1)
    weights = before + update.scale * product.reshape(before.shape)
    if update.magnitude is None:
        return weights
    factors = update.magnitude.double().reshape(-1) / _lengths(weights)
    return weights * factors.reshape(-1, *[1] * (weights.ndim - 1))


def _lengths(weights: Any) -> Any:
    return weights.reshape(len(weights), -1).norm(dim=1)


def _hook(update: LowRank) -> Callable[[Any, Any, Any], Any]:
    """Return what adds an update to the output of a module that computes without it."""

    def add(module: Any, arguments: tuple[Any, ...], output: Any) -> Any:
        low = update.scale * _product(module, arguments[0], update)
        if update.magnitude is None:
            return output + low
        weights = _oriented(module)
        product = update.up.flatten(1) @ update.down.flatten(1)
        lengths = _lengths(weights + update.scale * product.reshape(weights.shape))
        along = (1, -1, *[1] * (weights.ndim - 2)) if weights.ndim > 2 else (-1,)
        factors = (update.magnitude.reshape(-1) / lengths).reshape(along)
        bias = 0.0 if module.bias is None else module.bias.reshape(along)
        return (output - bias + low) * factors + bias

    return add


def _product(module: Any, x: Any, update: LowRank) -> Any:
    """Return the product of an update with what its module takes."""
    from torch.nn import functional

    if update.is_embedding:
        return update.down.T[x] @ update.up.T
    if update.down.ndim == 2:
        return (x @ update.down.T) @ update.up.T
    low = module._conv_forward(x, update.down, None)  # noqa: SLF001  pads as the module does
    return (functional.conv1d if update.down.ndim == 3 else functional.conv2d)(low, update.up)
