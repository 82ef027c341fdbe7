"""Training mode of torch models: put aside with a finding, or refused by name."""

import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional

from edgekit.converters.finding import FindingKind
from edgekit.converters.sources import SourceError, open_source
from edgekit.converters.sources.torch_training import refuse_training, training_parts


class Net(nn.Module):
    """A convolution with what trains beside it."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.drop = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.3)

    def forward(self, x):
        return self.drop(self.norm(self.conv(x)))


class Dropping(nn.Module):
    """Drops always, since nobody says that it does not train."""

    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        return functional.dropout(x * 2, self.p)


PICTURE = torch.zeros(1, 3, 8, 8)


def test_parts_in_training_mode_are_told_and_put_aside():
    module = Net().train()
    source = open_source(module, example_inputs=PICTURE)
    assert module.drop.training
    norm, drop = source.findings
    assert (norm.kind, norm.tensor, drop.tensor) == (FindingKind.LEFTOVER, "norm", "drop")
    assert "1 Dropout in training mode, converted in evaluation mode: drop" in drop.summary


@pytest.mark.parametrize(
    "module",
    [
        Net().eval(),
        nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.0)),
        nn.BatchNorm1d(3, track_running_stats=False),
    ],
)
def test_what_computes_the_same_in_both_modes_is_no_leftover(module):
    assert training_parts(module) == ()


def test_many_parts_are_counted():
    (finding,) = training_parts(nn.Sequential(*(nn.Dropout(0.1) for _ in range(5))))
    assert finding.figures["parts"] == 5
    assert finding.summary.endswith("0, 1, 2, ...")


def test_observers_are_told():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, about its own package
        from torch.ao.quantization import FakeQuantize, MinMaxObserver, disable_fake_quant

        quantizing, off = FakeQuantize(), FakeQuantize()
        disable_fake_quant(off)
        module = nn.Sequential(nn.Linear(2, 2), MinMaxObserver(), quantizing, off)
    observer, fake = training_parts(module)
    assert (observer.tensor, fake.tensor) == ("1", "3")
    assert observer.summary == "1 MinMaxObserver that changes nothing, taken out: 1"


def test_a_program_in_training_mode_is_refused():
    program = torch.export.export(Net().train(), (PICTURE,))
    with pytest.raises(SourceError, match=r"training mode: batch_norm 'batch_norm'") as error:
        open_source(program)
    assert error.value.details[0].startswith("dropout")
    assert "model.eval()" in error.value.hint


def test_a_module_that_drops_always_is_refused_with_its_line():
    with pytest.raises(SourceError, match=r"dropout.*test_torch_training.py.*in forward"):
        open_source(Dropping(), example_inputs=torch.zeros(1, 4))


def test_statistics_of_the_batch_are_refused():
    module = nn.BatchNorm2d(3, track_running_stats=False).eval()
    with pytest.raises(SourceError, match="batch_norm") as error:
        open_source(module, example_inputs=PICTURE)
    assert "track_running_stats" in error.value.hint


def test_a_dropout_of_nothing_passes():
    refuse_training(torch.export.export(Dropping(0.0), (torch.zeros(1, 4),)), "net")
