"""Families of vision networks, from `transformers` configurations."""

from typing import Any

import torch

from architectures.built import Built, Make, Picked, pictures

__all__ = ["FAMILIES"]

_SIZE = 96  # pixels
_LABELS = 10
_LARGE = 0.3  # of weights before a batch norm whose epsilon, 0.001, would swallow smaller ones
_MIDDLE = 0.1  # the same for an epsilon of 1e-5, and attention that larger ones would saturate
_LEARNED = ("cls_token", "distillation_token", "detection_tokens", "position_embeddings")
_TOKENS = 0.3  # standard deviation


def _classifier(name: str, size: int = _SIZE, **options: Any) -> Built:
    """Make the image classifier of a transformers family, by the prefix of its class names."""
    import transformers

    config = getattr(transformers, f"{name}Config")(num_labels=_LABELS, **options)
    # Eager attention is what every exporter writes; SDPA is the same values.
    config._attn_implementation = "eager"  # noqa: SLF001
    model = getattr(transformers, f"{name}ForImageClassification")(config)
    _learn_tokens(model)
    return Built.of(Picked(model), pictures(size))


def _learn_tokens(model: torch.nn.Module) -> None:
    """Give tokens and positions that start at zero a size like that of patches."""
    for name, parameter in model.named_parameters():
        if name.endswith(_LEARNED):
            torch.nn.init.normal_(parameter, std=_TOKENS)


def _mobilenet_v1() -> Built:
    return _classifier(
        "MobileNetV1", depth_multiplier=0.5, image_size=_SIZE, initializer_range=_LARGE
    )


def _mobilenet_v2() -> Built:
    return _classifier(
        "MobileNetV2", depth_multiplier=0.5, image_size=_SIZE, initializer_range=_LARGE
    )


def _resnet() -> Built:
    return _classifier(
        "ResNet",
        embedding_size=32,
        hidden_sizes=[32, 64, 128, 256],
        depths=[2, 2, 2, 2],
        layer_type="basic",
    )


def _regnet() -> Built:
    return _classifier(
        "RegNet", embedding_size=32, hidden_sizes=[32, 64, 128, 256], depths=[1, 2, 3, 1],
        groups_width=16,
    )  # fmt: skip


def _efficientnet() -> Built:
    return _classifier(
        "EfficientNet", image_size=_SIZE, width_coefficient=1.0, depth_coefficient=1.0,
        hidden_dim=1280, initializer_range=_LARGE,
    )  # fmt: skip


def _convnext() -> Built:
    return _classifier(
        "ConvNext",
        image_size=_SIZE,
        hidden_sizes=[32, 64, 128, 256],
        depths=[2, 2, 3, 2],
        layer_scale_init_value=0.5,  # 1e-6 would hide every block
    )


def _convnext_v2() -> Built:
    return _classifier(
        "ConvNextV2", image_size=_SIZE, hidden_sizes=[32, 64, 128, 256], depths=[2, 2, 3, 2]
    )


def _mobilevit() -> Built:
    return _classifier(
        "MobileViT",
        size=128,
        image_size=128,
        hidden_sizes=[64, 80, 96],
        neck_hidden_sizes=[16, 16, 24, 48, 64, 80, 320],
        expand_ratio=2.0,
        initializer_range=_MIDDLE,
    )


def _mobilevit_v2() -> Built:
    return _classifier(
        "MobileViTV2", size=128, image_size=128, width_multiplier=0.5, initializer_range=_MIDDLE
    )


def _poolformer() -> Built:
    return _classifier(
        "PoolFormer",
        hidden_sizes=[32, 64, 128, 192],
        depths=[2, 2, 3, 2],
        layer_scale_init_value=0.5,  # 1e-5 would hide every block
    )


def _levit() -> Built:
    return _classifier(
        "Levit", size=128, image_size=128, hidden_sizes=[64, 96, 128], depths=[2, 2, 2],
        num_attention_heads=[2, 3, 4],
        down_ops=[["Subsample", 16, 4, 4, 2, 2], ["Subsample", 16, 6, 4, 2, 2]],
    )  # fmt: skip


def _encoder(name: str) -> Built:
    return _classifier(
        name,
        image_size=_SIZE,
        patch_size=16,
        hidden_size=96,
        num_hidden_layers=4,
        num_attention_heads=3,
        intermediate_size=384,
    )


def _vit() -> Built:
    return _encoder("ViT")


def _deit() -> Built:
    return _encoder("DeiT")


def _swin() -> Built:
    return _classifier(
        "Swin",
        size=112,
        image_size=112,
        embed_dim=32,
        depths=[2, 2, 2],
        num_heads=[2, 4, 8],
        window_size=7,
    )


def _segformer() -> Built:
    import transformers

    config = transformers.SegformerConfig(
        num_labels=_LABELS, hidden_sizes=[16, 32, 64, 96], num_attention_heads=[1, 2, 4, 6],
        depths=[1, 1, 2, 1], decoder_hidden_size=64,
    )  # fmt: skip
    config._attn_implementation = "eager"  # noqa: SLF001
    model = transformers.SegformerForSemanticSegmentation(config)
    return Built.of(Picked(model), pictures(128))


def _yolos() -> Built:
    import transformers

    config = transformers.YolosConfig(
        num_labels=_LABELS, image_size=[96, 96], patch_size=16, hidden_size=96,
        num_hidden_layers=4, num_attention_heads=3, intermediate_size=384,
        num_detection_tokens=20,
    )  # fmt: skip
    config._attn_implementation = "eager"  # noqa: SLF001
    model = transformers.YolosForObjectDetection(config)
    _learn_tokens(model)
    return Built.of(Picked(model, gives=("logits", "pred_boxes")), pictures(96))


FAMILIES: dict[str, Make] = {
    "mobilenet-v1": _mobilenet_v1,
    "mobilenet-v2": _mobilenet_v2,
    "resnet": _resnet,
    "regnet": _regnet,
    "efficientnet": _efficientnet,
    "convnext": _convnext,
    "convnext-v2": _convnext_v2,
    "mobilevit": _mobilevit,
    "mobilevit-v2": _mobilevit_v2,
    "poolformer": _poolformer,
    "levit": _levit,
    "vit": _vit,
    "deit": _deit,
    "swin": _swin,
    "segformer": _segformer,
    "yolos": _yolos,
}
