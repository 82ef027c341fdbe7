"""Families in plain torch: vision networks here, sequences of numbers beside."""

import torch
from torch import nn
from torch.nn import functional

from architectures import series, signals
from architectures.built import Built, Make, pictures

__all__ = ["FAMILIES"]

PIXELS = 96


def block(
    inputs: int,
    outputs: int,
    kernel: int = 3,
    stride: int = 1,
    groups: int = 1,
    activation: type[nn.Module] = nn.ReLU,
) -> nn.Sequential:
    """Return a convolution, its normalisation and an activation."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        activation(),
    )


def head(features: int, classes: int = 10) -> list[nn.Module]:
    """Return what makes classes of a feature map."""
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, classes)]


class Residual(nn.Module):
    """The sum of a body and its input."""

    def __init__(self, *body: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``x + body(x)``."""
        return x + self.body(x)


class Joined(nn.Module):
    """Branches side by side, joined along the channels."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return all branches of ``x``."""
        return torch.cat([branch(x) for branch in self.branches], 1)


def seen(module: nn.Module, channels: int = 3, pixels: int = PIXELS) -> Built:
    """Return a network on pictures."""
    return Built.of(module, pictures(pixels, channels))


def depthwise_separable() -> Built:
    """DS-CNN: keyword spotting on a spectrogram of 49 x 10."""
    layers: list[nn.Module] = [
        nn.Conv2d(1, 64, (10, 4), (2, 2), (5, 1), bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
    ]
    for _ in range(4):
        layers += [block(64, 64, 3, groups=64), block(64, 64, 1)]
    module = nn.Sequential(nn.Unflatten(1, (1, 49)), *layers, *head(64, 12))
    return Built.of(module, signals.series(10, 49, last=False))


class UNet(nn.Module):
    """Two levels down, two up, with skips."""

    def __init__(self) -> None:
        super().__init__()

        def two(inputs: int, outputs: int) -> nn.Sequential:
            return nn.Sequential(block(inputs, outputs), block(outputs, outputs))

        self.down1, self.down2, self.middle = two(3, 16), two(16, 32), two(32, 64)
        self.up2, self.up1 = nn.ConvTranspose2d(64, 32, 2, 2), nn.ConvTranspose2d(32, 16, 2, 2)
        self.join2, self.join1, self.head = two(64, 32), two(32, 16), nn.Conv2d(16, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a map of two classes."""
        first = self.down1(x)
        second = self.down2(functional.max_pool2d(first, 2))
        deep = self.middle(functional.max_pool2d(second, 2))
        second = self.join2(torch.cat([self.up2(deep), second], 1))
        return self.head(self.join1(torch.cat([self.up1(second), first], 1)))


class Detector(nn.Module):
    """A YOLO-like backbone with two scales, boxes decoded on a grid beside class scores."""

    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            block(3, 16, stride=2, activation=nn.SiLU), block(16, 32, stride=2, activation=nn.SiLU)
        )
        self.split = nn.ModuleList([block(16, 16, activation=nn.SiLU) for _ in range(2)])
        self.fuse = block(64, 32, 1, activation=nn.SiLU)
        self.down = block(32, 64, stride=2, activation=nn.SiLU)
        self.pools = block(4 * 64, 64, 1, activation=nn.SiLU)
        self.merge = block(96, 32, activation=nn.SiLU)
        self.heads = nn.ModuleList([nn.Conv2d(32, 5 + classes, 1), nn.Conv2d(64, 5 + classes, 1)])

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return boxes ``[n, places, 4]`` in pixels and scores ``[n, places, 1 + classes]``."""
        left, right = self.stem(x).chunk(2, 1)
        first = self.split[0](right)
        near = self.fuse(torch.cat([left, right, first, self.split[1](first)], 1))
        far = self.down(near)
        pooled = [far]
        for _ in range(3):
            pooled.append(functional.max_pool2d(pooled[-1], 5, 1, 2))
        far = self.pools(torch.cat(pooled, 1))
        up = functional.interpolate(far, scale_factor=2, mode="nearest")
        near = self.merge(torch.cat([up, near], 1))
        scales = [self.heads[0](near), self.heads[1](far)]
        decoded = [self._decode(item, x.shape[3] // item.shape[3]) for item in scales]
        boxes, scores = zip(*decoded, strict=True)
        return torch.cat(boxes, 1), torch.cat(scores, 1)

    def _decode(self, found: torch.Tensor, stride: int) -> tuple[torch.Tensor, torch.Tensor]:
        batch, depth, rows, columns = found.shape
        axes = (torch.arange(columns), torch.arange(rows))
        grid = torch.stack(torch.meshgrid(*axes, indexing="xy"), -1).float()
        places = found.permute(0, 2, 3, 1)
        centres = (places[..., 0:2].sigmoid() * 2 - 0.5 + grid) * stride
        sizes = (places[..., 2:4].sigmoid() * 2) ** 2 * stride * 2
        boxes = torch.cat([centres, sizes], -1).reshape(batch, rows * columns, 4)
        return boxes, places[..., 4:].sigmoid().reshape(batch, rows * columns, depth - 4)


class ShuffleUnit(nn.Module):
    """ShuffleNet V2's unit: half of the channels pass, then both halves are shuffled."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.body = nn.Sequential(
            block(half, half, 1),
            block(half, half, groups=half, activation=nn.Identity),
            block(half, half, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return as many channels as there were."""
        left, right = x.chunk(2, 1)
        joined = torch.cat([left, self.body(right)], 1)
        batch, channels, rows, columns = joined.shape
        parts = joined.view(batch, 2, channels // 2, rows, columns).transpose(1, 2)
        return parts.reshape(batch, channels, rows, columns)


class SqueezeExcite(nn.Module):
    """Channels weighted by what the whole picture says."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, channels // 4, 1)
        self.expand = nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the weighted channels."""
        weights = self.expand(torch.relu(self.reduce(x.mean((2, 3), keepdim=True))))
        return x * functional.hardsigmoid(weights)


class Ghost(nn.Module):
    """GhostNet's module: half of the channels are cheap copies of the other half."""

    def __init__(self, inputs: int, outputs: int, activation: type[nn.Module] = nn.ReLU) -> None:
        super().__init__()
        half = outputs // 2
        self.main = block(inputs, half, 1, activation=activation)
        self.cheap = block(half, half, groups=half, activation=activation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return both halves."""
        main = self.main(x)
        return torch.cat([main, self.cheap(main)], 1)


def ghost() -> Built:
    """GhostNet with squeeze and excite."""
    bottleneck = (Ghost(32, 96), SqueezeExcite(96), Ghost(96, 32, nn.Identity))
    layers = [block(3, 32, stride=2), Residual(*bottleneck), Ghost(32, 64), SqueezeExcite(64)]
    return seen(nn.Sequential(*layers, block(64, 64, stride=2), *head(64)))


def shuffle() -> Built:
    """ShuffleNet V2."""
    units = [ShuffleUnit(32), ShuffleUnit(32), block(32, 64, stride=2), ShuffleUnit(64)]
    return seen(nn.Sequential(block(3, 32, stride=2), *units, *head(64)))


def squeeze() -> Built:
    """SqueezeNet: fire modules without normalisation, pools that round up."""

    def fire(inputs: int, squeezed: int, half: int) -> nn.Sequential:
        wide = Joined(nn.Conv2d(squeezed, half, 1), nn.Conv2d(squeezed, half, 3, padding=1))
        return nn.Sequential(nn.Conv2d(inputs, squeezed, 1), nn.ReLU(), wide, nn.ReLU())

    pool = nn.MaxPool2d(3, 2, ceil_mode=True)
    layers = [nn.Conv2d(3, 32, 3, 2), nn.ReLU(), pool, fire(32, 8, 32), fire(64, 8, 32), pool]
    layers += [fire(64, 16, 48), nn.Conv2d(96, 10, 1), nn.ReLU()]
    return seen(nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()))


class Spread(nn.Module):
    """The mean over the whole picture, at every place."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.project = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a map of the size of ``x``."""
        mean = torch.relu(self.project(functional.adaptive_avg_pool2d(x, 1)))
        return functional.interpolate(mean, size=x.shape[2:], mode="bilinear")


def deeplab() -> Built:
    """DeepLab's ASPP: parallel dilations, then four times the size."""

    def dilated(rate: int) -> nn.Sequential:
        convolution = nn.Conv2d(32, 32, 3, padding=rate, dilation=rate, bias=False)
        return nn.Sequential(convolution, nn.BatchNorm2d(32), nn.ReLU())

    branches = [block(32, 32, 1), dilated(2), dilated(4), dilated(6), Spread(32, 32)]
    layers = [block(3, 16, stride=2), block(16, 32, stride=2), Joined(*branches)]
    layers += [block(160, 32, 1), nn.Conv2d(32, 5, 1)]
    up = nn.Upsample(scale_factor=4, mode="bilinear", align_corners=False)
    return seen(nn.Sequential(*layers, up))


def super_resolution() -> Built:
    """ESPCN: three times the size by sub-pixels."""
    layers = [nn.Conv2d(1, 32, 5, padding=2), nn.Tanh(), nn.Conv2d(32, 16, 3, padding=1)]
    layers += [nn.Tanh(), nn.Conv2d(16, 9, 3, padding=1), nn.PixelShuffle(3)]
    return seen(nn.Sequential(*layers), channels=1, pixels=48)


def transposed_decoder() -> Built:
    """A decoder of transposed convolutions, with output padding and without."""
    layers: list[nn.Module] = [nn.Linear(16, 32 * 36), nn.Unflatten(1, (32, 6, 6))]
    for inputs, outputs in ((32, 24), (24, 16)):
        up = nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, output_padding=1)
        layers += [up, nn.BatchNorm2d(outputs), nn.ReLU()]
    layers += [nn.ConvTranspose2d(16, 3, 4, 2, 1), nn.Sigmoid()]
    return Built.of(nn.Sequential(*layers), signals.series(16))


def rectifiers() -> Built:
    """Every rectifier with slopes: PReLU per channel and not, leaky ReLU, ELU, hard swish."""
    layers: list[nn.Module] = []
    inputs = 3
    slopes = nn.PReLU(16)
    with torch.no_grad():
        slopes.weight.copy_(torch.linspace(-0.2, 0.4, 16))
    kinds = (slopes, nn.LeakyReLU(0.1), nn.ELU(), nn.Hardswish(), nn.PReLU(), nn.ReLU6())
    for index, kind in enumerate(kinds):
        layers += [nn.Conv2d(inputs, 16, 3, 2 if index < 2 else 1, 1), kind]
        inputs = 16
    return seen(nn.Sequential(*layers, *head(16)))


class RootMeanSquare(nn.Module):
    """RMSNorm over the channels of a picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the normalised picture."""
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def norms() -> Built:
    """Batch, layer, group, instance and RMS normalisation one behind the other."""
    layers: list[nn.Module] = []
    inputs = 3
    kinds = (
        nn.BatchNorm2d(16),
        nn.GroupNorm(4, 16),
        nn.InstanceNorm2d(16, affine=True),
        RootMeanSquare(16),
        nn.GroupNorm(1, 16),
        nn.LayerNorm([16, 24, 24]),
    )
    for index, kind in enumerate(kinds):
        layers += [nn.Conv2d(inputs, 16, 3, 2 if index < 2 else 1, 1), kind, nn.ReLU()]
        inputs = 16
    return seen(nn.Sequential(*layers, *head(16)))


class Mix(nn.Module):
    """MLP-Mixer's block: over the patches, then over the channels."""

    def __init__(self, patches: int, channels: int) -> None:
        super().__init__()

        def dense(size: int) -> nn.Sequential:
            return nn.Sequential(nn.Linear(size, 2 * size), nn.GELU(), nn.Linear(2 * size, size))

        self.norms = nn.ModuleList([nn.LayerNorm(channels), nn.LayerNorm(channels)])
        self.patches, self.channels = dense(patches), dense(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``[n, patches, channels]`` as it was."""
        x = x + self.patches(self.norms[0](x).transpose(1, 2)).transpose(1, 2)
        return x + self.channels(self.norms[1](x))


class Mixer(nn.Module):
    """MLP-Mixer."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 48, 16, 16)
        self.body = nn.Sequential(*(Mix((PIXELS // 16) ** 2, 48) for _ in range(3)))
        self.norm, self.head = nn.LayerNorm(48), nn.Linear(48, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return classes."""
        return self.head(self.norm(self.body(self.stem(x).flatten(2).transpose(1, 2))).mean(1))


FAMILIES: dict[str, Make] = {
    "ds-cnn": depthwise_separable,
    "u-net": lambda: seen(UNet()),
    "yolo-like": lambda: seen(Detector()),
    "shufflenet": shuffle,
    "ghostnet": ghost,
    "squeezenet": squeeze,
    "deeplab-aspp": deeplab,
    "espcn": super_resolution,
    "transposed-decoder": transposed_decoder,
    "rectifiers": rectifiers,
    "norms": norms,
    "mlp-mixer": lambda: seen(Mixer()),
    **series.FAMILIES,
}
