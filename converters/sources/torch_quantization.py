"""Modules in quantization-aware training: what only training needs is replaced for export."""

import copy
from functools import cache
from typing import Any

from edgekit.converters.sources.base import SourceError

__all__ = ["exportable", "frozen", "import_quantized_operators", "is_prepared"]

_RANGES = ((0, 255), (-128, 127))  # of the integers that ONNX's QuantizeLinear writes


def import_quantized_operators() -> None:
    """Let torch know the operators of programs that PT2E made.

    Source: they are registered by `torch/ao/quantization/fx/_decomposed.py`.
    """
    import torch.ao.quantization.fx._decomposed  # noqa: F401


def is_prepared(module: Any) -> bool:
    """Whether a module has fake-quantizers or observers, as eager and FX mode put them in.

    Raises:
        SourceError: It was prepared by PT2E and not converted, or is already of quantized
            modules.
    """
    for part in module.modules():
        home = type(part).__module__
        if home.startswith("torchao.quantization.pt2e"):
            raise SourceError(
                "the module is prepared by PT2E, but not converted",
                hint="call torchao's convert_pt2e(model) and give what it returns",
            )
        if home.startswith(("torch.ao.nn.quantized", "torch.ao.nn.intrinsic.quantized")):
            raise SourceError(
                f"the module holds a {type(part).__name__}, which computes with packed integers",
                hint="give the module as it was before torch.ao.quantization.convert()",
            )
    return any(_is_fake_quantizer(part) or _is_observer(part) for part in module.modules())


def frozen(module: Any) -> Any:
    """Return a copy of a prepared module whose observers observe no more.

    It is the reference: it computes as the module does after training.
    """
    from torch.ao.quantization import disable_observer

    module = copy.deepcopy(module).eval()
    module.apply(disable_observer)
    return module


def exportable(module: Any) -> Any:
    """Return a copy of a prepared module that torch can export.

    Fake-quantizers, fused or not, become plain ones with the scales and zero points that
    training left, observers vanish, and a batch-norm beside a convolution goes into its
    weights, as `torch.ao.quantization.convert` does it.

    Args:
        module: See :func:`is_prepared`.
    """
    module = copy.deepcopy(module).eval()
    for name, part in list(module.named_modules(remove_duplicate=False)):
        if _has_batch_norm(part):
            _put(module, name, _folded(part))
    for name, part in list(module.named_modules(remove_duplicate=False)):
        if _is_fake_quantizer(part):
            _put(module, name, _grid(part))
        elif _is_observer(part):
            import torch

            _put(module, name, torch.nn.Identity())
    return module


def _is_fake_quantizer(part: Any) -> bool:
    # By name: to import torch.ao.quantization costs time, and most modules need none of it.
    return any(base.__name__ == "FakeQuantizeBase" for base in type(part).__mro__)


def _is_observer(part: Any) -> bool:
    return any(base.__name__ == "ObserverBase" for base in type(part).__mro__)


def _has_batch_norm(part: Any) -> bool:
    return hasattr(part, "weight_fake_quant") and hasattr(part, "bn")


def _put(module: Any, name: str, part: Any) -> None:
    parent, _, last = name.rpartition(".")
    setattr(module.get_submodule(parent), last, part)


def _grid(fake: Any) -> Any:
    """Return a plain fake-quantizer with what a trained one has learned."""
    import torch

    if not bool(fake.fake_quant_enabled[0]):
        return torch.nn.Identity()
    return _grid_type()(fake)


def _folded(part: Any) -> Any:
    """Return a layer without the batch-norm beside it.

    Formula: the weights that `torch/ao/nn/intrinsic/qat/modules/conv_fused.py` quantizes,
    ``weight * gamma / sqrt(variance + eps)``.
    """
    import torch

    norm = part.bn
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    shape = [1] * part.weight.dim()
    shape[0] = -1
    bias = torch.zeros_like(norm.running_mean) if part.bias is None else part.bias
    part.weight = torch.nn.Parameter((part.weight * scale.reshape(shape)).detach())
    part.bias = torch.nn.Parameter(((bias - norm.running_mean) * scale + norm.bias).detach())
    return _layer_type()(part)


@cache
def _grid_type() -> Any:
    """Return the module that replaces fake-quantizers; it exists only where torch does."""
    import torch

    class Grid(torch.nn.Module):
        """Fake quantization with a fixed grid, clamped where it has fewer integers than 256."""

        # To a type checker, what is not declared is a part of the module.
        axis: Any
        one: Any
        limits: Any
        scale: Any
        point: Any

        def __init__(self, fake: Any) -> None:
            super().__init__()
            self.axis = int(fake.ch_axis) if fake.is_per_channel else None
            self.register_buffer("scale", fake.scale.detach().float().clone())
            self.register_buffer("point", fake.zero_point.detach().to(torch.int32).clone())
            self.one = (float(fake.scale), int(fake.zero_point)) if self.axis is None else None
            self.low, self.high = int(fake.quant_min), int(fake.quant_max)
            self.limits = next(
                (item for item in _RANGES if item[0] <= self.low and self.high <= item[1]), None
            )
            if self.limits is None:
                raise SourceError(
                    f"a fake-quantizer uses the integers {self.low} to {self.high}",
                    hint="eight bits or fewer are taken over; train with qint8 or quint8",
                )

        def forward(self, x: Any) -> Any:
            scale, point = self.scale, self.point
            if self.axis is not None:
                shape = [1] * x.dim()
                shape[self.axis] = -1
                scale, point = scale.reshape(shape), point.reshape(shape)
            if (self.low, self.high) != self.limits:
                x = torch.clamp(x, (self.low - point) * scale, (self.high - point) * scale)
            if self.one is not None:
                return torch.fake_quantize_per_tensor_affine(x, *self.one, *self.limits)
            return torch.fake_quantize_per_channel_affine(
                x, self.scale, self.point, self.axis, *self.limits
            )

    return Grid


@cache
def _layer_type() -> Any:
    """Return the module that replaces layers with a batch-norm; it exists where torch does."""
    import torch

    class Layer(torch.nn.Module):
        """A convolution or linear layer with its activation, and fake-quantizers."""

        weight_fake_quant: Any
        activation_post_process: Any

        def __init__(self, part: Any) -> None:
            super().__init__()
            self.part = [part]  # not a submodule: its batch-norm is gone
            self.weight, self.bias = part.weight, part.bias
            self.weight_fake_quant = part.weight_fake_quant
            self.rectifies = "ReLU" in type(part).__name__
            self.activation_post_process = getattr(
                part, "activation_post_process", torch.nn.Identity()
            )

        def forward(self, x: Any) -> Any:
            (part,) = self.part
            weight = self.weight_fake_quant(self.weight)
            if isinstance(part, torch.nn.Linear):
                y = torch.nn.functional.linear(x, weight, self.bias)
            else:
                y = part._conv_forward(x, weight, self.bias)  # noqa: SLF001
            return self.activation_post_process(torch.relu(y) if self.rectifies else y)

    return Layer
