"""Modules as quantization-aware training leaves them: eager mode, FX mode, PT2E."""

import copy
import warnings

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

torch = pytest.importorskip("torch")
nn = torch.nn

from edgekit.converters.sources import SourceError, open_source  # noqa: E402  (needs torch)
from edgekit.converters.sources.torch_quantization import (  # noqa: E402
    exportable,
    frozen,
    is_prepared,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.ao import quantization as ao

pytestmark = pytest.mark.filterwarnings("ignore")  # torch's, about its own quantization
SHAPE = (4, 1, 8, 8)


class Small(nn.Module):
    """A convolution with a batch-norm, a depthwise one without, and a dense layer."""

    def __init__(self, *, stubs=True):
        super().__init__()
        self.quant = ao.QuantStub() if stubs else nn.Identity()
        self.conv, self.norm, self.relu = (
            nn.Conv2d(1, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
        )
        self.depth = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.dense = nn.Linear(512, 10)
        self.dequant = ao.DeQuantStub() if stubs else nn.Identity()

    def forward(self, x):
        x = self.depth(self.relu(self.norm(self.conv(self.quant(x)))))
        return self.dequant(self.dense(torch.flatten(x, 1)))


def seen(module, steps=4):
    """Show a module in training a few pictures, so that its observers have seen something."""
    generator = torch.manual_seed(1)
    module.train()
    for _ in range(steps):
        module(torch.randn(SHAPE, generator=generator))
    return module


def eager(backend="qnnpack"):
    torch.manual_seed(0)
    module = Small().train()
    module.qconfig = ao.get_default_qat_qconfig(backend)
    ao.fuse_modules_qat(module, [["conv", "norm", "relu"]], inplace=True)
    return seen(ao.prepare_qat(module, inplace=True))


def traced():
    from torch.ao.quantization.quantize_fx import prepare_qat_fx

    torch.manual_seed(0)
    mapping = ao.get_default_qat_qconfig_mapping("qnnpack")
    example = (torch.zeros(SHAPE),)
    return seen(prepare_qat_fx(Small(stubs=False).train(), mapping, example))


MAKERS = {
    "eager": eager,
    "eager, per channel and seven bits": lambda: eager("fbgemm"),
    "FX": traced,
}


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_exported_computes_as_the_trained_module_does(name):
    module = MAKERS[name]()
    assert is_prepared(module)
    x = torch.randn(SHAPE, generator=torch.manual_seed(2))
    before = copy.deepcopy(module.state_dict())
    with torch.no_grad():
        wanted = copy.deepcopy(module).eval().apply(ao.disable_observer)(x)
        torch.testing.assert_close(frozen(module)(x), wanted, rtol=0, atol=0)
        torch.testing.assert_close(exportable(module)(x), wanted, rtol=1e-5, atol=1e-6)
    assert module.training
    for key, value in module.state_dict().items():
        torch.testing.assert_close(value, before[key], equal_nan=True, msg=key)


@pytest.mark.parametrize("name", ["eager", "FX"])
def test_every_grid_is_in_the_exported_model(name):
    module = MAKERS[name]()
    source = open_source(module, example_inputs=(torch.zeros(1, 1, 8, 8),))
    trained = {
        (float(item.scale), int(item.zero_point))
        for item in module.modules()
        if isinstance(item, ao.FakeQuantizeBase) and item.scale.numel() == 1
    }
    assert len(trained) >= 6
    offsets = {"int8": 0, "uint8": 0}
    grids = {
        (np.float32(scale), point + offsets[grid.dtype])
        for grid in source.trained.values()
        for scale, point in zip(grid.scales, grid.zero_points, strict=True)
    }
    assert {(np.float32(scale), point) for scale, point in trained} <= grids


def pt2e():
    quantize_pt2e = pytest.importorskip("torchao.quantization.pt2e.quantize_pt2e")
    from torchao.testing.pt2e import _xnnpack_quantizer as xnnpack

    torch.manual_seed(0)
    example = (torch.zeros(1, 1, 8, 8),)
    program = torch.export.export(Small(stubs=False).eval(), example).module()
    config = xnnpack.get_symmetric_quantization_config(is_per_channel=True, is_qat=True)
    quantizer = xnnpack.XNNPACKQuantizer().set_global(config)
    prepared = quantize_pt2e.prepare_qat_pt2e(program, quantizer)
    for _ in range(3):
        prepared(torch.randn(1, 1, 8, 8))
    return prepared, quantize_pt2e.convert_pt2e


def test_a_program_that_pt2e_converted_keeps_its_grids(tmp_path):
    prepared, convert = pt2e()
    converted = convert(prepared)
    example = (torch.zeros(1, 1, 8, 8),)
    program = torch.export.export(converted, example)
    path = tmp_path / "net.pt2"
    torch.export.save(program, path)
    wanted = {
        np.float32(node.args[1])
        for node in converted.graph.nodes
        if "quantize_per_tensor" in str(node.target)
    }
    for source in (open_source(converted, example_inputs=example), open_source(path)):
        scales = {np.float32(grid.scales[0]) for grid in source.trained.values()}
        assert wanted <= scales
        kinds = {item.op_type for item in onnx.load_from_string(source.content).graph.node}
        assert not kinds & {"QuantizeLinear", "DequantizeLinear"}


def test_a_program_that_pt2e_only_prepared_is_refused():
    prepared, _ = pt2e()
    with pytest.raises(SourceError, match="prepared by PT2E, but not converted"):
        open_source(prepared, example_inputs=(torch.zeros(1, 1, 8, 8),))


def test_packed_integers_are_refused():
    torch.backends.quantized.engine = "qnnpack"
    converted = ao.convert(eager().eval())
    with pytest.raises(SourceError, match="packed integers") as caught:
        open_source(converted, example_inputs=(torch.zeros(1, 1, 8, 8),))
    assert "before torch.ao.quantization.convert()" in caught.value.hint


def test_integers_of_more_than_eight_bits_are_refused():
    wide = ao.FakeQuantize.with_args(
        observer=ao.MovingAverageMinMaxObserver, quant_min=0, quant_max=1023, dtype=torch.qint32
    )
    module = Small().train()
    module.qconfig = ao.QConfig(activation=wide, weight=ao.default_weight_fake_quant)
    module = seen(ao.prepare_qat(module, inplace=True))
    with pytest.raises(SourceError, match="integers 0 to 1023"):
        open_source(module, example_inputs=(torch.zeros(1, 1, 8, 8),))


def test_observers_without_fake_quantization_vanish():
    module = Small().eval()
    module.qconfig = ao.get_default_qconfig("qnnpack")
    module = ao.prepare(module, inplace=True)
    seen(module).eval()
    source = open_source(module, example_inputs=(torch.zeros(1, 1, 8, 8),))
    model = onnx.load_from_string(source.content)
    assert {item.op_type for item in model.graph.node} <= {
        "Conv",
        "BatchNormalization",
        "Relu",
        "Gemm",
        "Reshape",
        "Flatten",
    }
    assert not source.trained
    assert all(numpy_helper.to_array(item).size for item in model.graph.initializer)
