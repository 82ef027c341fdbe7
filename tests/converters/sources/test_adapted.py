"""Adapters on modules, merged and beside the weights, against the peft package itself."""

import copy
import warnings

import pytest
import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from edgekit.converters.sources.adapted import adapted
from edgekit.converters.sources.peft_checkpoint import AdapterError, Checkpoint, read_checkpoint


class Net(nn.Module):
    """Every kind of module that takes an adapter."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.embed = nn.Embedding(20, 8)
        self.stem = nn.Conv2d(3, 8, 3, padding=1, stride=2)
        self.blocks = nn.Sequential(nn.Conv1d(8, 8, 3, padding=1))
        self.query, self.key = nn.Linear(8, 8), nn.Linear(8, 8, bias=False)
        self.turned, self.norm, self.head = Conv1D(6, 8), nn.LayerNorm(6), nn.Linear(6, 4)
        self.grouped = nn.Conv2d(8, 8, 1, groups=2)
        self.round = nn.Conv1d(8, 8, 3, padding=1, padding_mode="circular")

    def forward(self, x, ids):
        x = self.blocks(self.grouped(self.stem(x)).flatten(2)).transpose(1, 2)
        x = self.query(x) * self.key(x) + self.embed(ids)
        return self.head(self.norm(self.turned(x)).mean(1))


ALL = ["embed", "stem", "blocks.0", "query", "key", "turned", "head"]
CASES = {
    "plain": {},
    "magnitudes": {"use_dora": True, "target_modules": ["stem", "query", "key", "turned"]},
    "stabilised": {"use_rslora": True},
    "patterns": {"rank_pattern": {"query": 3, "^embed": 1}, "alpha_pattern": {"key": 7}},
    "all biases": {"bias": "all", "target_modules": ["query"]},
    "its own biases": {"bias": "lora_only"},
    "whole modules": {"modules_to_save": ["head", "norm"], "target_modules": ["query", "turned"]},
}


def inputs():
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(0, 20, (1, 16), generator=generator)
    return torch.randn(1, 3, 8, 8, generator=generator), ids


@pytest.fixture
def trained(peft, tmp_path):
    """Give a network an adapter, move whatever trains, save it, and keep what it computes."""

    def make(**settings):
        base = Net().eval()
        settings = {"r": 2, "lora_alpha": 4, "target_modules": ALL, **settings}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about targets stored the other way around
            config = peft.LoraConfig(lora_dropout=0.1, **settings)
            model = peft.get_peft_model(copy.deepcopy(base), config).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.add_(0.2 * torch.randn_like(parameter))
            wanted = model(*inputs())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.save_pretrained(tmp_path / "adapter")
        return base, read_checkpoint(tmp_path / "adapter"), wanted

    return make


@pytest.mark.parametrize("case", CASES)
def test_both_compute_what_peft_does(trained, case):
    base, checkpoint, wanted = trained(**CASES[case])
    both = adapted(base, checkpoint)
    with torch.no_grad():
        assert (base(*inputs()) - wanted).abs().max() > 1e-2
        for module in (both.merged, both.beside):
            torch.testing.assert_close(module(*inputs()), wanted, rtol=1e-5, atol=1e-6)
    assert all(item.largest_change > 0 for item in both.updates)
    assert ("head.weight" in both.replaced) == (case == "whole modules")


def test_the_module_stays_as_it_was(trained):
    base, checkpoint, _ = trained(bias="all")
    before = copy.deepcopy(base.state_dict())
    adapted(base, checkpoint)
    assert all(torch.equal(values, before[name]) for name, values in base.state_dict().items())


def test_weights_that_two_modules_share_change_in_one(trained):
    base, checkpoint, _ = trained(target_modules=["query"])
    base.key.weight = base.query.weight
    both = adapted(base, checkpoint)
    assert torch.equal(both.merged.key.weight, base.key.weight)
    assert not torch.equal(both.merged.query.weight, base.query.weight)


def low_rank(module, down=(2, 8), up=(8, 2), magnitude=None, embedding=False):
    from edgekit.converters.sources.peft_checkpoint import LowRank

    vector = None if magnitude is None else torch.ones(magnitude)
    return LowRank(module, torch.ones(down), torch.ones(up), vector, 1.0, embedding)


WRONG = {
    "a module with another name": (low_rank("querry"), "the nearest are query"),
    "a module of another kind": (low_rank("norm"), "'norm', which is a LayerNorm"),
    "rows of a dense layer": (low_rank("query", embedding=True), "which is a Linear"),
    "a wide factor": (low_rank("query", down=(2, 9)), r"\(8, 2\) and \(2, 9\) beside .*\(8, 8\)"),
    "a long factor": (low_rank("query", up=(7, 2)), r"\(7, 2\) and \(2, 8\)"),
    "another kernel": (low_rank("stem", down=(2, 3, 5, 5), up=(8, 2, 1, 1)), "shapes for 'stem'"),
    "a wide last kernel": (low_rank("stem", down=(2, 3, 3, 3), up=(8, 2, 3, 3)), "for 'stem'"),
    "few magnitudes": (low_rank("query", magnitude=5), "shapes for 'query'"),
    "groups": (low_rank("grouped", down=(2, 4, 1, 1), up=(8, 2, 1, 1)), "convolution with groups"),
    "padding": (low_rank("round", down=(2, 8, 3), up=(8, 2, 1)), "padded 'circular'"),
    "magnitudes of rows": (
        low_rank("embed", down=(2, 20), magnitude=20, embedding=True), "a DoRA embedding"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit(tmp_path, case):
    update, message = WRONG[case]
    with pytest.raises(AdapterError, match=message):
        adapted(Net(), Checkpoint(tmp_path, (update,), {}))


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("head.wait", (4, 6), "nearest are head.weight"),
        ("head.weight", (5, 6), r"\(5, 6\), the mo"),
    ],
)
def test_a_tensor_that_is_not_the_models(tmp_path, name, shape, message):
    with pytest.raises(AdapterError, match=message):
        adapted(Net(), Checkpoint(tmp_path, (), {name: torch.zeros(shape)}))
