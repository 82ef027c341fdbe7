"""Mixtures of experts: found in three forms, equal to torch, with the routing in the graph."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

import edgekit
from edgekit.build_options import BuildOptions
from edgekit.bundle import Bundle
from edgekit.converters.cache import Cache
from edgekit.converters.compression import Fate, FindingKind, Outcome, examine, settle
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import read_graph
from edgekit.converters.sources.canonical import canonicalise
from edgekit.runtime import Model


class Stacked(nn.Module):
    """The two best of four gated experts, as Mixtral has them."""

    def __init__(self, size=16, experts=4):
        super().__init__()
        torch.manual_seed(0)
        self.router = nn.Linear(size, experts, bias=False)
        self.gate = nn.Parameter(torch.randn(experts, size, 24) / 4)
        self.up = nn.Parameter(torch.randn(experts, size, 24) / 4)
        self.down = nn.Parameter(torch.randn(experts, 24, size) / 5)

    def forward(self, x):
        best, places = self.router(x).softmax(-1).topk(2, -1)
        best = best / best.sum(-1, keepdim=True)
        chosen = nn.functional.one_hot(places, 4).to(x.dtype)
        share = (chosen * best.unsqueeze(-1)).sum(-2)
        wide = nn.functional.silu(torch.einsum("btd,edf->btef", x, self.gate))
        wide = wide * torch.einsum("btd,edf->btef", x, self.up)
        answers = torch.einsum("btef,efd->bted", wide, self.down)
        return x + (answers * share.unsqueeze(-1)).sum(-2)


@pytest.mark.parametrize("scheme", ["float32", "int8"])
def test_a_torch_block(tmp_path, scheme):
    samples = np.random.default_rng(0).standard_normal((80, 1, 5, 16)).astype(np.float32)
    module = Stacked().eval()
    options = BuildOptions(
        scheme=scheme,
        calibration_data={"": samples} if scheme == "int8" else None,
        evaluation_data={"": samples},
        require="kept",
    )
    path = tmp_path / "experts.edgekit"
    result = edgekit.build(module, path, options, example_inputs=(torch.zeros(1, 5, 16),))
    (settled,) = [item for item in result.findings if item.finding.kind is FindingKind.EXPERTS]
    assert settled.fate is Fate.KEPT
    assert "computes all 4 for every token" in settled.proof
    size = 3 * 4 * 16 * 24 * (4 if scheme == "float32" else 1)
    assert f"({size:,} bytes" in settled.proof
    figures = settled.finding.figures
    assert (figures["experts"], figures["chosen"], figures["expert_values"]) == (4, 2, 4608)
    assert figures["fraction_touched_per_token"] == 0.5
    assert figures["largest_fraction_touched_per_input"] == 1.0
    kinds = [item.kind for item in read_graph(Bundle.open(path).model).main.operators]
    assert "TOPK_V2" in kinds
    if scheme == "float32":
        with Model(path) as model, torch.no_grad():
            for sample in samples[:20]:
                (given,) = model({"x": sample}).values()
                wanted = module(torch.from_numpy(sample)).numpy()
                np.testing.assert_allclose(given, wanted, rtol=1e-4, atol=1e-5)


def weights(*shape, seed=0):
    return (np.random.default_rng(seed).standard_normal(shape) / 3).astype(np.float32)


def source_of(nodes, constants, shape=(1, 5, 8)):
    held = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "net", [x], [helper.make_empty_tensor_value_info("y")], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    model = onnx.shape_inference.infer_shapes(model)
    return canonicalise(model, kind="onnx", name="net", input_shapes={})


def node(kind, inputs, outputs, **attributes):
    name = outputs.split()[0]
    return helper.make_node(kind, inputs.split(), outputs.split(), name=name, **attributes)


def looked_up():
    """Return a switch: the best of three experts, whose weights are looked up."""
    nodes = [
        node("MatMul", "x router", "scores"),
        node("ArgMax", "scores", "best", axis=-1, keepdims=0),
        node("Gather", "w best", "taken"),
        node("Unsqueeze", "x minus_two", "row"),
        node("MatMul", "row taken", "product"),
        node("Squeeze", "product minus_two", "y"),
    ]
    constants = {"router": weights(8, 3), "w": weights(3, 8, 6), "minus_two": np.array([-2])}
    return source_of(nodes, constants)


def each_of_its_own(blocks=3):
    """Return three experts in three branches, of which a mask leaves two."""
    nodes = [
        node("MatMul", "x router", "scores"),
        node("Softmax", "scores", "soft", axis=-1),
        node("TopK", "soft two", "values places"),
        node("Mul", "soft zero", "empty"),
        node("ScatterElements", "empty places values", "share", axis=-1),
        node("Split", "share", "s0 s1 s2", axis=-1, num_outputs=3),
    ]
    constants = {"router": weights(8, 3), "two": np.array([2]), "zero": np.float32(0)}
    total = "x"
    for index in range(blocks):
        nodes += [
            node("MatMul", f"x up{index}", f"h{index}"),
            node("Relu", f"h{index}", f"r{index}"),
            node("MatMul", f"r{index} down{index}", f"e{index}"),
            node("Mul", f"s{index} e{index}", f"m{index}"),
            node("Add", f"{total} m{index}", "y" if index == blocks - 1 else f"t{index}"),
        ]
        total = f"t{index}"
        constants[f"up{index}"] = weights(8, 12, seed=index)
        constants[f"down{index}"] = weights(12, 8, seed=index + 9)
    return source_of(nodes, constants)


def decoding():
    """Return a head whose best word is looked up again: a table is no expert."""
    nodes = [
        node("MatMul", "x table_t", "scores"),
        node("ArgMax", "scores", "best", axis=-1, keepdims=0),
        node("Gather", "table best", "y"),
    ]
    return source_of(nodes, {"table": weights(9, 8), "table_t": weights(8, 9)})


def found_in(source):
    return [item for item in examine(source) if item.kind is FindingKind.EXPERTS]


FORMS = {
    "looked up": (looked_up, 3, 1, "w", "ARG_MAX", "only those"),
    "each of its own": (
        each_of_its_own, 3, 2, "up0, down0, up1, down1, up2, down2", "TOPK_V2", "all 3",
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=FORMS)
def form(request, tmp_path_factory):
    make, *expected = FORMS[request.param]
    source = make()
    folder = tmp_path_factory.mktemp("experts")
    with OwnEngine(Cache(folder), folder / "log") as engine:
        lowered = engine.lower(source)
    return Outcome(source, lowered, read_graph(lowered.tflite), ()), expected


def test_forms_of_graphs(form):
    outcome, (experts, chosen, names, operator, computed) = form
    (finding,) = found_in(outcome.source)
    figures = finding.figures
    assert (figures["experts"], figures["chosen"]) == (experts, chosen)
    assert set(figures["expert_tensors"].split(", ")) == set(names.split(", "))
    assert figures["fraction_touched_per_token"] == pytest.approx(chosen / experts)
    (settled,) = settle([finding], outcome)
    assert settled.fate is Fate.KEPT, settled.proof
    assert operator in settled.proof
    assert f"computes {computed} for every token" in settled.proof


@pytest.mark.parametrize("change", ["another number", "no links", "no origins"])
def test_what_is_not_shown_is_lost(form, change):
    outcome, _ = form
    (finding,) = found_in(outcome.source)
    if change == "another number":
        finding = replace(finding, figures=finding.figures | {"chosen": 7})
    elif change == "no links":
        outcome = replace(outcome, lowered=replace(outcome.lowered, links={}))
    else:
        outcome = replace(outcome, lowered=replace(outcome.lowered, origins={}))
    (settled,) = settle([finding], outcome)
    assert settled.fate is Fate.LOST


def test_choices_among_other_things_are_no_experts():
    assert not found_in(decoding())
    assert not found_in(each_of_its_own(blocks=2))  # three scores, two blocks
