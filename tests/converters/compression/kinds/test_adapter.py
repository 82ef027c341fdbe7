"""Adapters reach the final model: acceptance on a small vision transformer, and what is said."""

import copy
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

import edgekit
from edgekit.build_options import BuildOptions
from edgekit.converters.cache import Cache
from edgekit.converters.compression import Fate, FindingKind, Outcome, examine, settle
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import read_graph
from edgekit.converters.parity.metrics import sqnr_db
from edgekit.converters.sources import open_source
from edgekit.converters.sources.canonical import canonicalise
from edgekit.runtime import Model


class Block(nn.Module):
    """Attention and a perceptron, each beside a shortcut."""

    def __init__(self, size, heads=2):
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList([nn.LayerNorm(size), nn.LayerNorm(size)])
        self.query, self.key, self.value = (nn.Linear(size, size) for _ in range(3))
        self.joined, self.wide, self.narrow = (
            nn.Linear(a, b) for a, b in ((size, size), (size, 2 * size), (2 * size, size))
        )

    def forward(self, x):
        n, tokens, size = x.shape
        normed = self.norms[0](x)
        split = [
            layer(normed).reshape(n, tokens, self.heads, size // self.heads).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        ]
        seen = nn.functional.scaled_dot_product_attention(*split)
        x = x + self.joined(seen.transpose(1, 2).reshape(n, tokens, size))
        return x + self.narrow(nn.functional.gelu(self.wide(self.norms[1](x))))


class Vit(nn.Module):
    """A vision transformer for pictures of 16 x 16."""

    def __init__(self, size=16):
        super().__init__()
        torch.manual_seed(0)
        self.patches = nn.Conv2d(3, size, 4, stride=4)
        self.places = nn.Parameter(torch.randn(1, 16, size) / 4)
        self.blocks = nn.Sequential(Block(size), Block(size))
        self.norm, self.head = nn.LayerNorm(size), nn.Linear(size, 5)

    def forward(self, pictures):
        x = self.patches(pictures).flatten(2).transpose(1, 2) + self.places
        return self.head(self.norm(self.blocks(x)).mean(1))


TARGETS = ["patches", "query", "value", "wide", "head"]
PICTURES = np.random.default_rng(0).standard_normal((80, 1, 3, 16, 16)).astype(np.float32)


@pytest.fixture(scope="module")
def tuned(peft, tmp_path_factory):
    """A transformer, the folder of an adapter for it, and the two together."""
    base = Vit().eval()
    folder = tmp_path_factory.mktemp("vit") / "adapter"
    config = peft.LoraConfig(r=4, lora_alpha=8, target_modules=TARGETS, init_lora_weights=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = peft.get_peft_model(copy.deepcopy(base), config).eval()
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if "lora_B" in name:
                    parameter.mul_(0.3)
        model.save_pretrained(folder)
    return base, folder, model


def outputs(model):
    with torch.no_grad():
        return np.stack([model(torch.from_numpy(item)).numpy() for item in PICTURES[:20]])


@pytest.mark.parametrize("given", ["float32", "int8", "peft model"])
def test_a_vision_transformer(tuned, tmp_path, given):
    base, folder, model = tuned
    with_adapter, without = outputs(model), outputs(base)
    assert sqnr_db(with_adapter, without) < 10
    options = BuildOptions(
        adapter=None if given == "peft model" else folder,
        scheme="int8" if given == "int8" else "float32",
        calibration_data={"": PICTURES} if given == "int8" else None,
        evaluation_data={"": PICTURES[:20]},
        require="kept",
    )
    source = model if given == "peft model" else base
    result = edgekit.build(
        source, tmp_path / "vit.edgekit", options, example_inputs=(torch.zeros(1, 3, 16, 16),)
    )
    with Model(tmp_path / "vit.edgekit") as built:
        (name,) = [item.name for item in result.manifest.inputs]
        given_back = [built({name: item}, layout="source") for item in PICTURES[:20]]
    ran = np.stack([next(iter(values.values())) for values in given_back])
    assert sqnr_db(with_adapter, ran) > (15 if given == "int8" else 40)
    assert sqnr_db(without, ran) < 10
    adapters = [item for item in result.findings if item.finding.kind == FindingKind.ADAPTER]
    assert len(adapters) == 2 + 2 * 3
    assert {item.fate for item in adapters} == {Fate.MERGED}


def branch(up):
    """Return ``x.w + x.a.up``."""
    constants = {"w": np.eye(6, 5), "a": np.ones((6, 2)), "up": up}
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "dense"),
        helper.make_node("MatMul", ["x", "a"], ["p"]),
        helper.make_node("MatMul", ["p", "up"], ["q"]),
        helper.make_node("Add", ["h", "q"], ["y"]),
    ]
    x, y = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, size))
        for name, size in (("x", 6), ("y", 5))
    )
    held = [numpy_helper.from_array(v.astype(np.float32), name) for name, v in constants.items()]
    graph = helper.make_graph(nodes, "net", [x], [y], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    return canonicalise(model, kind="onnx", name="net", input_shapes={})


@pytest.fixture
def outcome(tmp_path):
    source = branch(np.full((2, 5), 0.25))
    with OwnEngine(Cache(tmp_path), tmp_path / "log") as engine:
        lowered = engine.lower(source)
    return Outcome(source, lowered, read_graph(lowered.tflite), ())


def test_a_branch_in_the_graph(outcome):
    found = examine(outcome.source)
    (finding,) = [item for item in found if item.kind is FindingKind.ADAPTER]
    assert finding.tensor == "w"
    assert finding.figures == {
        "rank": 2,
        "scale": 1.0,
        "largest_relative_change": 0.5,
        "low_rank_values": 22,
        "merged_tensor": "w/merged",
        "low_rank_tensors": "a, up",
    }
    assert "up to 50.0% of the largest" in finding.summary
    (settled,) = settle([finding], outcome)
    assert settled.fate is Fate.MERGED
    assert "in FLOAT32 exactly; none of the 22 low-rank values" in settled.proof


def test_a_branch_that_changes_nothing_is_told():
    (finding,) = [
        item for item in examine(branch(np.zeros((2, 5)))) if item.kind is FindingKind.ADAPTER
    ]
    assert "changes nothing: was it trained" in finding.summary


def test_a_branch_that_an_engine_leaves_is_kept(outcome):
    (finding,) = [item for item in examine(outcome.source) if item.kind is FindingKind.ADAPTER]
    other = replace(finding, figures=finding.figures | {"low_rank_tensors": "w/merged"})
    (settled,) = settle([other], outcome)
    assert settled.fate is Fate.KEPT


def test_an_engine_that_does_not_tell_gets_no_credit(outcome):
    found = [item for item in examine(outcome.source) if item.kind is FindingKind.ADAPTER]
    lowered = replace(outcome.lowered, links={})
    (settled,) = settle(found, replace(outcome, lowered=lowered))
    assert settled.fate is Fate.LOST


class Prompted(nn.Module):
    """A soft prompt before the tokens, and a Houlsby adapter after a dense layer."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.prompt = nn.Parameter(torch.randn(1, 4, 8))
        self.block, self.down, self.up = Block(8), nn.Linear(8, 2), nn.Linear(2, 8)

    def forward(self, x):
        x = self.block(torch.cat([self.prompt.expand(len(x), -1, -1), x], 1))
        return x + self.up(torch.relu(self.down(x)))


def test_houlsby_adapters_and_soft_prompts_are_ordinary_parts(tmp_path):
    source = open_source(Prompted(), example_inputs=torch.zeros(1, 6, 8))
    with OwnEngine(Cache(tmp_path), tmp_path / "log") as engine:
        lowered = engine.lower(source)  # which proves the outputs equal
    assert not [item for item in examine(source) if item.kind is FindingKind.ADAPTER]
    kinds = [item.kind for item in read_graph(lowered.tflite).main.operators]
    assert "CONCATENATION" in kinds
    assert "RELU" in kinds or kinds.count("FULLY_CONNECTED") >= 8
