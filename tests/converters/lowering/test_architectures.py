"""Small networks of the usual families, from torch: right in float, and without transpositions."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from edgekit.converters.cache import Cache
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import read_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.sources import open_source
from edgekit.converters.sources.base import probe_sample
from edgekit.converters.sources.onnx_reference import OnnxReference

torch = pytest.importorskip("torch")
nn = torch.nn
functional = torch.nn.functional


def block(inputs, outputs, kernel=3, stride=1, groups=1, activation=nn.ReLU):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        activation(),
    )


class InvertedResidual(nn.Module):
    """MobileNetV2's block."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        wide = inputs * 4
        self.body = nn.Sequential(
            block(inputs, wide, 1, activation=nn.ReLU6),
            block(wide, wide, 3, stride, wide, nn.ReLU6),
            block(wide, outputs, 1, activation=nn.Identity),
        )
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


def mobilenet_v2():
    return nn.Sequential(
        block(3, 8, stride=2, activation=nn.ReLU6),
        InvertedResidual(8, 8, 1),
        InvertedResidual(8, 16, 2),
        InvertedResidual(16, 16, 1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(16, 10),
    )


class Residual(nn.Module):
    """A basic block of ResNet."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            block(inputs, outputs, stride=stride), block(outputs, outputs, activation=nn.Identity)
        )
        self.skip = nn.Conv2d(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        return functional.relu(self.body(x) + self.skip(x))


def resnet_8():
    return nn.Sequential(
        block(3, 8),
        nn.MaxPool2d(3, 2, 1),
        Residual(8, 8, 1),
        Residual(8, 16, 2),
        Residual(16, 32, 2),
        nn.AvgPool2d(4),
        nn.Flatten(),
        nn.Linear(32, 10),
        nn.Softmax(-1),
    )


class UNet(nn.Module):
    """Two scales down and up again, with skips."""

    def __init__(self):
        super().__init__()
        self.first, self.second = block(3, 8), block(8, 16)
        self.middle = block(16, 32)
        self.up = nn.ModuleList([nn.ConvTranspose2d(32, 16, 2, 2), nn.ConvTranspose2d(16, 8, 2, 2)])
        self.merge = nn.ModuleList([block(32, 16), block(16, 8)])
        self.head = nn.Conv2d(8, 2, 1)

    def forward(self, x):
        first = self.first(x)
        second = self.second(functional.max_pool2d(first, 2))
        x = self.middle(functional.max_pool2d(second, 2))
        x = self.merge[0](torch.cat([self.up[0](x), second], 1))
        return self.head(self.merge[1](torch.cat([self.up[1](x), first], 1)))


class Yolo(nn.Module):
    """A backbone with two scales, an upsampled neck, boxes and scores beside each other."""

    def __init__(self, classes=4):
        super().__init__()
        self.classes = classes
        self.stem = nn.Sequential(block(3, 8, stride=2, activation=nn.SiLU), block(8, 16, stride=2))
        self.deep = block(16, 32, stride=2, activation=nn.SiLU)
        self.pools = nn.MaxPool2d(5, 1, 2)
        self.narrow = block(128, 16, 1, activation=nn.SiLU)
        self.heads = nn.ModuleList([nn.Conv2d(32, 4 + classes, 1), nn.Conv2d(16, 4 + classes, 1)])

    def forward(self, x):
        shallow = self.stem(x)
        deep = self.deep(shallow)
        pooled = [deep]
        for _ in range(3):
            pooled.append(self.pools(pooled[-1]))
        deep = self.narrow(torch.cat(pooled, 1))
        up = functional.interpolate(deep, scale_factor=2, mode="nearest")
        maps = [self.heads[0](torch.cat([up, shallow], 1)), self.heads[1](deep)]
        flat = torch.cat([item.flatten(2) for item in maps], 2)
        boxes, scores = flat.split([4, self.classes], 1)
        return torch.cat([boxes, scores.sigmoid()], 1).transpose(1, 2)


class Shuffle(nn.Module):
    """ShuffleNet's grouped convolution and shuffled channels."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(8, 8, 1, groups=2)
        self.second = nn.Conv2d(8, 8, 3, padding=1, groups=8)

    def forward(self, x):
        x = functional.channel_shuffle(self.first(x), 2)
        return functional.relu(self.second(x)) + x


class SqueezeExcite(nn.Module):
    """Channels weighted by what is in the whole picture."""

    def __init__(self):
        super().__init__()
        self.body = block(3, 8, activation=nn.Hardswish)
        self.down, self.up = nn.Conv2d(8, 4, 1), nn.Conv2d(4, 8, 1)

    def forward(self, x):
        x = self.body(x)
        gate = self.up(functional.relu(self.down(functional.adaptive_avg_pool2d(x, 1))))
        return x * functional.hardsigmoid(gate)


class Aspp(nn.Module):
    """DeepLab's parallel dilated convolutions and its bilinear decoder."""

    def __init__(self):
        super().__init__()
        self.stem = block(3, 8, stride=2)
        self.rates = nn.ModuleList(
            [nn.Conv2d(8, 4, 3, padding=rate, dilation=rate) for rate in (1, 2, 4)]
        )
        self.pool = nn.Conv2d(8, 4, 1)
        self.head = nn.Conv2d(16, 3, 1)

    def forward(self, x):
        size = x.shape[2:]
        x = self.stem(x)
        mean = self.pool(functional.adaptive_avg_pool2d(x, 1))
        mean = functional.interpolate(mean, x.shape[2:], mode="bilinear", align_corners=False)
        x = self.head(torch.cat([*(rate(x) for rate in self.rates), mean], 1))
        return functional.interpolate(x, size, mode="bilinear", align_corners=False)


def ds_cnn_1d():
    return nn.Sequential(
        nn.Conv1d(8, 16, 5, 2, 2),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Conv1d(16, 16, 3, padding=1, groups=16),
        nn.Conv1d(16, 24, 1),
        nn.ReLU(),
        nn.AvgPool1d(2),
        nn.AdaptiveAvgPool1d(1),
        nn.Flatten(),
        nn.Linear(24, 5),
    )


class Recurrent(nn.Module):
    """A classifier of the last step of a recurrent layer."""

    def __init__(self, layer, directions):
        super().__init__()
        self.layer = layer
        self.head = nn.Linear(8 * directions, 3)

    def forward(self, x):
        return self.head(self.layer(x)[0][:, -1])


def recurrent(kind, *, both=False, layers=1):
    layer = kind(4, 8, num_layers=layers, batch_first=True, bidirectional=both)
    return Recurrent(layer, 1 + both)


def espcn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2), nn.Tanh(), nn.Conv2d(8, 4, 3, padding=1), nn.PixelShuffle(2)
    )


def decoder():
    return nn.Sequential(
        nn.ConvTranspose2d(8, 8, 4, 2, 1),
        nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(8, 4, 3, 2, 1, output_padding=1),
        nn.PReLU(4),
        nn.ConvTranspose2d(4, 4, 4, 2, 1, groups=4, bias=False),
        nn.Sigmoid(),
    )


PICTURE = (1, 3, 32, 32)
WITHOUT_TRANSPOSITIONS = {
    "mobilenet_v2": (mobilenet_v2, PICTURE),
    "resnet_8": (resnet_8, PICTURE),
    "u_net": (UNet, (1, 3, 16, 16)),
    "u_net_that_collides": (UNet, (2, 3, 8, 8)),
    "yolo": (Yolo, PICTURE),
    "squeeze_excite": (SqueezeExcite, (1, 3, 8, 8)),
    "aspp": (Aspp, (1, 3, 17, 17)),
    "ds_cnn_1d": (ds_cnn_1d, (1, 8, 16)),
    "decoder": (decoder, (1, 8, 8, 8)),
    "espcn": (espcn, (1, 1, 8, 8)),
    "lstm": (lambda: recurrent(nn.LSTM), (1, 6, 4)),
    "gru": (lambda: recurrent(nn.GRU), (1, 6, 4)),
    "rnn": (lambda: recurrent(nn.RNN), (1, 6, 4)),
    "lstm_both_ways": (lambda: recurrent(nn.LSTM, both=True, layers=2), (1, 5, 4)),
    "gru_both_ways": (lambda: recurrent(nn.GRU, both=True, layers=2), (1, 5, 4)),
}
WITH_TRANSPOSITIONS = {
    "shuffle": (Shuffle, (1, 8, 8, 8)),
    "lstm_of_a_batch": (lambda: recurrent(nn.LSTM), (3, 4, 4)),
}


@pytest.fixture(scope="module")
def lowered(tmp_path_factory):
    """Return a function that lowers a network once, and proves what it became."""
    made = {}

    def run(name):
        if name not in made:
            make, shape = {**WITHOUT_TRANSPOSITIONS, **WITH_TRANSPOSITIONS}[name]
            torch.manual_seed(0)
            source = open_source(make().eval(), example_inputs=(torch.randn(shape),))
            log = tmp_path_factory.mktemp("logs") / "log"
            made[name] = source, OwnEngine(Cache(log.parent), log).lower(source)
        return made[name]

    return run


@pytest.mark.parametrize("name", [*WITHOUT_TRANSPOSITIONS, *WITH_TRANSPOSITIONS])
def test_float_graph_is_right(lowered, name):
    source, model = lowered(name)
    assert [item.name for item in model.outputs] == [item.name for item in source.outputs]
    kinds = [item.kind for item in read_graph(model.tflite).main.operators]
    assert kinds.count("TRANSPOSE") <= (0 if name in WITHOUT_TRANSPOSITIONS else 2)


@pytest.mark.parametrize("name", [*WITHOUT_TRANSPOSITIONS, *WITH_TRANSPOSITIONS])
def test_every_tensor_that_has_a_link_is_the_tensor_of_the_source(lowered, name):
    source, model = lowered(name)
    sample = probe_sample(source.inputs, 3)
    truth = {**sample, **OnnxReference(source.content).run_with_inner_tensors(sample)}
    main = read_graph(model.tflite).main
    runner = TfliteRunner(model.tflite, model.inputs, model.outputs, keep_inner=True)
    runner.run(sample)
    written = {t.name: t.index for op in main.operators for t in main.outputs_of(op)}
    linked = {key: link for key, link in model.links.items() if key in written and link.axes}
    assert len(linked) > len(written) / 2 or "lstm" in name or "gru" in name
    for key, values in runner.inner_tensors({key: written[key] for key in linked}).items():
        wanted = linked[key].arrange(truth[linked[key].name], values.shape)
        scale = max(float(np.abs(wanted).max()), 1e-6)
        np.testing.assert_allclose(values, wanted, rtol=1e-4, atol=1e-5 * scale, err_msg=key)


@pytest.mark.parametrize("name", ["mobilenet_v2", "u_net", "lstm", "shuffle"])
def test_every_filter_knows_the_weights_that_it_is_made_from(lowered, name):
    source, model = lowered(name)
    weights = {
        item.name: numpy_helper.to_array(item)
        for item in onnx.load_from_string(source.content).graph.initializer
    }
    main = read_graph(model.tflite).main
    filters = [
        main.tensors[op.inputs[1]]
        for op in main.operators
        if op.kind in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")
    ]
    assert filters
    for tensor in filters:
        made_from = weights[model.links[tensor.name].name]
        assert made_from.size % np.prod(tensor.shape) == 0  # a direction of an LSTM is a part
