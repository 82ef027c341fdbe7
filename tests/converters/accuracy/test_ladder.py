"""The ladder brings a broken network back, never ends lower, and survives Ctrl-C."""

import json
from dataclasses import dataclass, replace

import pytest

from edgekit.converters.accuracy import (
    RUNGS,
    CalibrationChoice,
    Equalization,
    Int16Activations,
    LearnedRounding,
    Outcome,
    Step,
    climb,
)
from edgekit.converters.accuracy.adaround import Settings
from edgekit.converters.quantize import Range
from edgekit.device_profiles import load_profile
from edgekit.errors import MissingDependencyError

QUICK = LearnedRounding(Settings(steps=60), positions=256)
ALL = tuple(QUICK if rung.name == QUICK.name else rung for rung in RUNGS)


@dataclass(frozen=True)
class Interrupted:
    """A rung that somebody stops by Ctrl-C at its start."""

    name: str = "interrupted"

    def apply(self, *_given):
        raise KeyboardInterrupt


@dataclass(frozen=True)
class Uninstalled:
    """A rung that needs a package which is not there."""

    name: str = "uninstalled"

    def apply(self, *_given):
        raise MissingDependencyError("torch", extra="torch", purpose="learned rounding")


@dataclass(frozen=True)
class Worse:
    """A rung that clips every tensor to a tenth of its range."""

    name: str = "worse"

    def apply(self, recipe, _bench):
        ranges = {k: Range(r.low / 10, r.high / 10) for k, r in recipe.seen.ranges.items()}
        return Step(replace(recipe, seen=replace(recipe.seen, ranges=ranges)), ("all",), "clipped")


def test_a_network_that_int8_breaks_is_brought_back_within_the_budget(broken):
    """Acceptance 8: 100x between channels, the budget of the issue."""
    recipe, judge = broken.recipe(), broken.judge(max_drop=0.5)
    plain = judge.judge(recipe.make(), recipe.request)
    assert plain.parity.metric.drop > 1.5
    assert plain.sqnr_db < 20

    climbed = climb(recipe, broken.bench(), judge, first=plain)

    assert climbed.verdict.holds
    assert climbed.verdict.parity.metric.drop <= 0.5
    assert climbed.verdict.sqnr_db > plain.sqnr_db + 10
    assert climbed.rungs[0].metric == plain.parity.metric.final_model
    assert [rung.holds for rung in climbed.rungs] == [False] * (len(climbed.rungs) - 1) + [True]
    assert "equalization" in {rung.name for rung in climbed.rungs}
    assert all(rung.layers for rung in climbed.rungs[1:] if rung.outcome is Outcome.KEPT)


def test_every_rung_shows_what_it_gained_and_none_ends_lower(broken):
    """A budget that cannot be met climbs all of it."""
    told, steps = [], []
    bench = broken.bench(lambda done, total: steps.append((done, total)))
    climbed = climb(
        broken.recipe(),
        bench,
        broken.judge(max_drop=-100.0),
        rungs=ALL,
        tell=told.append,
    )
    assert told == [rung.name for rung in ALL]
    assert [rung.name for rung in climbed.rungs] == ["plain", *told]
    assert not climbed.verdict.holds
    kept = [rung for rung in climbed.rungs if rung.outcome is Outcome.KEPT]
    assert len(kept) >= 3
    noise = [rung.sqnr_db for rung in kept]
    assert noise == sorted(noise)
    assert min(rung.metric for rung in kept) == kept[0].metric
    assert climbed.verdict.parity.metric.final_model == kept[-1].metric
    islands = climbed.rungs[-1]
    assert (islands.outcome, islands.cost) == (Outcome.NOT_APPLICABLE, None)
    assert "--allow-float-islands" in islands.remark
    assert all(done <= total for done, total in steps)
    data = json.loads(json.dumps(climbed.to_json()))
    assert data["schema_version"] == 1
    assert data["rungs"][0]["cost"]["int8_macs"] == climbed.rungs[0].cost.int8_macs > 0


def test_a_model_within_the_budget_is_left_alone(broken):
    climbed = climb(broken.recipe(), broken.bench(), broken.judge(max_drop=50.0))
    assert [rung.name for rung in climbed.rungs] == ["plain"]
    assert climbed.verdict.tflite == broken.recipe().make()


def test_what_gains_nothing_is_taken_back(broken):
    recipe = broken.recipe()
    judge = broken.judge(max_drop=-100.0)
    climbed = climb(recipe, broken.bench(), judge, rungs=(Worse(),))
    assert climbed.rungs[1].outcome is Outcome.NO_GAIN
    assert climbed.recipe is recipe


def test_without_torch_the_ladder_goes_on(broken):
    judge = broken.judge(max_drop=-100.0)
    rungs = (Uninstalled(), Equalization())
    missing, other = climb(broken.recipe(), broken.bench(), judge, rungs=rungs).rungs[1:]
    assert missing.outcome is Outcome.NOT_APPLICABLE
    assert "edgekit[torch]" in missing.remark
    assert other.outcome is Outcome.KEPT


def test_ctrl_c_ends_with_the_best_so_far(broken):
    judge = broken.judge(max_drop=-100.0)
    rungs = (Equalization(), Interrupted(), CalibrationChoice())
    climbed = climb(broken.recipe(), broken.bench(), judge, rungs=rungs)
    assert climbed.interrupted
    assert [rung.name for rung in climbed.rungs] == ["plain", "equalization"]
    assert climbed.verdict.sqnr_db == pytest.approx(climbed.rungs[1].sqnr_db)


def test_a_device_without_int16_refuses_that_rung(broken):
    device = load_profile("nucleo-l4r5zi")
    runtime = replace(
        device.runtime,
        dtypes=replace(
            device.runtime.dtypes,
            value=tuple(name for name in device.runtime.dtypes.value if name != "int16"),
        ),
    )
    judge = replace(broken.judge(max_drop=-100.0), devices=(replace(device, runtime=runtime),))
    rung = Int16Activations(most=1.0)
    climbed = climb(broken.recipe(), broken.bench(), judge, rungs=(rung,))
    assert climbed.rungs[1].outcome is Outcome.REFUSED
    assert "type int16" in climbed.rungs[1].remark
    assert climbed.rungs[1].cost.int16_macs > 0
    assert climbed.verdict.scheme == "int8"
