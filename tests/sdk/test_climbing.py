"""A build climbs where it misses its budget; what fails or is interrupted writes nothing."""

import numpy as np
import pytest
import torch

from edgekit.build_options import BuildOptions
from edgekit.building import build
from edgekit.bundle import Bundle
from edgekit.climbing import BudgetError
from edgekit.converters.parity import Thresholds
from edgekit.progress import SilentProgress


class Steps(SilentProgress):
    """Notes the rungs, and is stopped by Ctrl-C at one of them."""

    def __init__(self, stop=None):
        self.names, self.stop = [], stop

    def step(self, name):
        self.names.append(name)
        if name == self.stop:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def make(small_models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("climbing")
    net = small_models.Classifier().eval()
    pictures = small_models.pictures(100)[:, None]
    with torch.no_grad():
        answers = net(torch.from_numpy(pictures[:, 0])).argmax(1).numpy()

    def run(progress, output="net.edgekit", **thresholds):
        options = BuildOptions(
            calibration_data={"picture": pictures[:40]},
            evaluation_data={"picture": pictures[40:]},
            labels=answers[40:],
            thresholds=Thresholds(**thresholds),
            climb=True,
            cache_folder=folder / "cache",
        )
        example = (torch.from_numpy(np.zeros((1, 3, 8, 8), np.float32)),)
        path = folder / output
        return path, build(net, path, options, example_inputs=example, progress=progress)

    run.folder = folder
    return run


def test_a_model_within_its_budget_is_not_climbed(make):
    steps = Steps()
    path, result = make(steps)
    assert result.accuracy is None
    assert steps.names == []
    assert "accuracy.json" not in {member.path for member in Bundle.open(path).manifest.members}


def test_where_no_rung_holds_the_error_lists_them(make):
    steps = Steps()
    with pytest.raises(BudgetError) as caught:
        make(steps, "never.edgekit", min_sqnr_db=200.0)
    rungs = caught.value.climb.rungs
    assert [rung.name for rung in rungs] == ["plain", *steps.names]
    for rung, line in zip(rungs, caught.value.details, strict=False):
        assert line.startswith(f"{rung.name}: ")
        assert str(rung.outcome) in line
    assert "at least 200 is wanted" in str(caught.value)
    assert not (make.folder / "never.edgekit").exists()


def test_ctrl_c_says_how_to_go_on_and_writes_nothing(make):
    with pytest.raises(BudgetError) as caught:
        make(Steps("equalization"), "stopped.edgekit", min_sqnr_db=200.0)
    assert caught.value.climb.interrupted
    assert "the same command goes on where it was" in caught.value.hint
    assert not (make.folder / "stopped.edgekit").exists()


def test_the_bundle_says_what_the_ladder_made(make):
    with pytest.raises(BudgetError) as caught:
        make(Steps("float islands"), "stopped.edgekit", min_sqnr_db=200.0)
    climbed = caught.value.climb
    assert climbed.verdict.sqnr_db > climbed.rungs[0].sqnr_db
    budget = (climbed.rungs[0].sqnr_db + climbed.verdict.sqnr_db) / 2

    path, result = make(Steps(), "found.edgekit", min_sqnr_db=budget)
    bundle = Bundle.open(path)
    assert result.accuracy.verdict.sqnr_db >= budget
    assert bundle.json("accuracy.json")["rungs"][-1]["holds"]
    assert bundle.manifest.scheme == result.plan.scheme == result.accuracy.verdict.scheme
    assert result.parity is result.accuracy.verdict.parity
