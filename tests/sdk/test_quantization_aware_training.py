"""Networks that were trained on a grid keep it, and score in int8 what they score in training."""

import copy
import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import edgekit  # noqa: E402  (after torch, which may be missing)
from edgekit.converters.graph import read_graph  # noqa: E402

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.ao import quantization as ao

nn = torch.nn
pytestmark = pytest.mark.filterwarnings("ignore")  # torch's, about its own quantization
MOST_POINTS = 0.3
HELD_OUT = 600


class Net(nn.Module):
    """Two convolutions with batch-norms and a dense layer, for pictures of 8 by 8."""

    def __init__(self, *, stubs):
        super().__init__()
        self.quant = ao.QuantStub() if stubs else nn.Identity()
        self.dequant = ao.DeQuantStub() if stubs else nn.Identity()
        self.one, self.norm_one = nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12)
        self.two, self.norm_two = nn.Conv2d(12, 24, 3, stride=2, padding=1), nn.BatchNorm2d(24)
        self.relu_one, self.relu_two = nn.ReLU(), nn.ReLU()
        self.dense = nn.Linear(24 * 16, 10)

    def forward(self, x):
        x = self.relu_one(self.norm_one(self.one(self.quant(x))))
        x = self.relu_two(self.norm_two(self.two(x)))
        return self.dequant(self.dense(torch.flatten(x, 1)))


@pytest.fixture(scope="module")
def digits():
    from sklearn.datasets import load_digits

    data = load_digits()
    images = (data.images[:, None] / 16).astype(np.float32)
    order = np.random.default_rng(0).permutation(len(images))
    return images[order], data.target[order].astype(np.int64)


def fit(module, digits, epochs, rate=2e-3):
    images, labels = (torch.from_numpy(array[HELD_OUT:]) for array in digits)
    optimizer = torch.optim.Adam(module.parameters(), lr=rate)
    generator = torch.manual_seed(0)
    for _ in range(epochs):
        for batch in torch.randperm(len(images), generator=generator).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(module(images[batch]), labels[batch]).backward()
            optimizer.step()
    return module


def top1(module, digits):
    images, labels = (array[:HELD_OUT] for array in digits)
    with torch.no_grad():
        found = [int(module(torch.from_numpy(image[None])).argmax()) for image in images]
    return 100 * float(np.mean(np.array(found) == labels))


def eager(digits):
    torch.manual_seed(0)
    module = fit(Net(stubs=True).train(), digits, epochs=4)
    module.qconfig = ao.get_default_qat_qconfig("qnnpack")
    ao.fuse_modules_qat(
        module, [["one", "norm_one", "relu_one"], ["two", "norm_two", "relu_two"]], inplace=True
    )
    return fit(ao.prepare_qat(module, inplace=True), digits, epochs=2, rate=5e-4).eval()


def converted(digits):
    quantize_pt2e = pytest.importorskip("torchao.quantization.pt2e.quantize_pt2e")
    from torchao.quantization.pt2e import move_exported_model_to_eval
    from torchao.testing.pt2e import _xnnpack_quantizer as xnnpack

    torch.manual_seed(0)
    module = fit(Net(stubs=False).train(), digits, epochs=4)
    batch = torch.export.Dim("batch", min=1, max=256)
    example = (torch.from_numpy(digits[0][:2]),)
    program = torch.export.export(module.eval(), example, dynamic_shapes=({0: batch},))
    config = xnnpack.get_symmetric_quantization_config(is_per_channel=True, is_qat=True)
    quantizer = xnnpack.XNNPACKQuantizer().set_global(config)
    prepared = fit(quantize_pt2e.prepare_qat_pt2e(program.module(), quantizer), digits, 2, 5e-4)
    move_exported_model_to_eval(prepared)
    return quantize_pt2e.convert_pt2e(prepared)


def eager_scales(module):
    return {
        np.float32(part.scale.item())
        for part in module.modules()
        if isinstance(part, ao.FakeQuantizeBase) and part.dtype is torch.quint8
    }


def converted_scales(module):
    return {
        np.float32(node.args[1])
        for node in module.graph.nodes
        if "quantize_per_tensor" in str(node.target)
    }


@pytest.mark.parametrize(("make", "scales"), [(eager, eager_scales), (converted, converted_scales)])
def test_accuracy_and_scales_are_those_of_training(make, scales, digits, tmp_path):
    module = make(digits)
    wanted = scales(module)
    fake = copy.deepcopy(module)
    expected = top1(fake.apply(ao.disable_observer) if make is eager else fake, digits)
    assert expected > 90
    images, labels = (array[:HELD_OUT] for array in digits)
    result = edgekit.build(
        module,
        tmp_path / "net.edgekit",
        edgekit.BuildOptions(
            evaluation_data={"x": images},
            labels=labels,
            calibration_data={"x": digits[0][HELD_OUT : HELD_OUT + 64]},
            require="requantized",
        ),
        example_inputs=(torch.from_numpy(images[:1]),),
    )
    metric = result.parity.metric
    assert metric.source == pytest.approx(expected, abs=1e-6)
    assert abs(metric.source - metric.final_model) <= MOST_POINTS
    main = read_graph(edgekit.Bundle.open(tmp_path / "net.edgekit").model).main
    given = {
        np.float32(tensor.quantization.scales[0])
        for tensor in main.tensors
        if tensor.quantization and not tensor.is_constant
    }
    assert len(wanted) >= 4
    assert wanted <= given
    grids = [item for item in result.findings if item.finding.kind == "trained grid"]
    assert grids
    # Torch's weights may be -128, which TFLite's do without; that is all that may change.
    changed = [item for item in grids if item.fate != "kept"]
    assert all("scales equal bit for bit" in item.proof for item in changed)
    assert all("-128" in item.proof for item in changed)
