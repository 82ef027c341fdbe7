"""The generic loop learns, repeats by its seed, and survives Ctrl-C."""

import math

import pytest
import torch

from edgekit.compressing import CompressionError, CompressionRecipe
from edgekit.compressing.data import divide
from edgekit.compressing.training import Training, accuracy, hard_loss
from edgekit.progress import SilentProgress


class Interrupting(SilentProgress):
    """Presses Ctrl-C when an epoch ends."""

    def __init__(self):
        self.warnings = []

    def advance(self, *_):
        raise KeyboardInterrupt

    def warn(self, text):
        self.warnings.append(text)


@pytest.fixture
def training(digits, make_net):
    def make(progress=None, **options):
        recipe = CompressionRecipe("magnitude", **{"epochs": 2, "rate": 1e-2, **options})
        data = divide(digits, make_net(), held_out=0.2, seed=recipe.seed)
        return Training(data, recipe, hard_loss, progress or SilentProgress())

    return make


def test_it_learns_and_leaves_the_module_in_evaluation(training, make_net):
    net, run = make_net(), training(epochs=4)
    before = accuracy(net, run.data)
    run(net)
    assert len(run.losses) == 4
    assert run.losses[-1] < run.losses[0]
    assert accuracy(net, run.data) > before + 30
    assert not net.training


def test_the_seed_decides_everything(training, make_net):
    losses = {}
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        run = training(seed=seed)
        torch.manual_seed(hash(name) % 1000)  # what came before has no say
        run(make_net())
        losses[name] = run.losses
    assert losses["one"] == losses["same"] != losses["other"]


def test_the_callers_random_numbers_stay(training, make_net):
    net, run = make_net(), training()
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    run(net)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(
    ("schedule", "rates"), [("constant", [0.1, 0.1, 0.1]), ("cosine", [0.1, 0.075, 0.025])]
)
def test_the_rate_follows_its_schedule(training, make_net, monkeypatch, schedule, rates):
    seen = []
    monkeypatch.setattr(
        Training,
        "_epoch",
        lambda *given: seen.append(given[2].param_groups[0]["lr"]) or 0.0,
    )
    training(epochs=3, rate=0.1, schedule=schedule)(make_net())
    assert seen == pytest.approx(rates)


def test_a_last_sample_alone_is_left_out(training, make_net):
    run = training(batch=479, epochs=1)  # of 480
    run(make_net())
    assert math.isfinite(run.losses[0])


def test_ctrl_c_keeps_what_was_trained(training, make_net):
    progress = Interrupting()
    run = training(progress, epochs=5)
    run(make_net())
    assert run.interrupted
    assert len(run.losses) == 1
    assert progress.warnings == ["interrupted: what 1 of 5 epochs trained is kept"]


def test_a_loss_that_explodes_is_an_error(training, make_net):
    net = make_net()
    with torch.no_grad():
        net[-1].weight.fill_(math.inf)
    with pytest.raises(CompressionError, match="the loss became nan in epoch 1") as caught:
        training()(net)
    assert "learning rate" in caught.value.hint
