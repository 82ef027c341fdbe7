"""Two bundles run in turns, on this machine and on a target whose latencies are known."""

import os
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from edgekit.benchmarks import (
    InvalidOptionError,
    Provenance,
    TargetError,
    capture_environment,
    capture_state,
)
from edgekit.benchmarks.comparing import CompareOptions, Verdict, compare_bundles
from edgekit.files import sha256_bytes
from edgekit.runtime import Backend, Kernels

SHORT = CompareOptions(seconds=0.06, loads=5, block_seconds=0.001)


@dataclass
class Machine:
    """A target that gets slower and slower; a model takes as long as its file is large."""

    name: str = "machine"
    provenance: Provenance = Provenance.EMULATED
    calls: list = field(default_factory=list)
    options: list = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    speed: float = 1.0
    fails: bool = False

    def prepare(self, bundle, inputs, options):
        del inputs
        self.options.append(options)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        return Loaded(self, len(bundle.model))


@dataclass
class Loaded:
    """A model on that target."""

    machine: Machine
    cost: int
    load_us: float = 1.0

    def environment(self):
        return capture_environment(Backend("machine", "1", Kernels.REFERENCE, 1))

    def system_state(self):
        return capture_state()

    def run(self, count):
        machine = self.machine
        machine.calls.append((self.cost, count))
        if machine.fails:
            raise TargetError("machine", "it stopped to answer")
        latencies = []
        for _ in range(count):
            machine.speed *= 1.001
            latencies.append(self.cost * machine.speed)
        return latencies

    def close(self):
        self.machine.open -= 1


@pytest.fixture
def pair(tflite_models, tmp_path):
    return tflite_models.pair_bundle(tmp_path / "pair.edgekit")


@pytest.fixture
def picture(tflite_models, tmp_path):
    return tflite_models.conv_bundle(tmp_path / "picture.edgekit")


def test_a_known_ratio_is_found_on_a_machine_that_slows_down(pair, picture):
    machine = Machine()
    comparison = compare_bundles(pair, picture, SHORT, target=machine)
    true = len(picture.model) / len(pair.model)
    assert comparison.ratio.value == pytest.approx(true, rel=0.002)
    assert comparison.verdict is (Verdict.SLOWER if true > 1.02 else Verdict.FASTER)
    assert comparison.provenance is Provenance.EMULATED
    assert comparison.target == "machine"
    assert machine.speed > 1.1


def test_a_bundle_against_itself_is_no_difference_on_a_machine_that_slows_down(pair):
    comparison = compare_bundles(pair, pair, SHORT, target=Machine())
    assert comparison.verdict is Verdict.NO_DIFFERENCE
    assert comparison.ratio.value == pytest.approx(1.0, abs=0.002)


def test_both_run_on_this_machine(pair):
    comparison = compare_bundles(pair.path, pair, SHORT)
    assert comparison.provenance is Provenance.MEASURED
    assert comparison.first.model_sha256 == sha256_bytes(pair.model)
    assert comparison.first.source == str(pair.path)
    assert comparison.inputs == "random, seed 0"
    assert comparison.options == SHORT
    assert len(comparison.groups) == 5
    assert all(len(group.first_us) >= 3 for group in comparison.groups)
    assert len(comparison.states) == 2
    assert comparison.states[0].clock_s < comparison.states[1].clock_s


def test_they_take_turns_in_an_order_that_is_drawn_and_are_closed(pair, picture):
    machine = Machine()
    compare_bundles(pair, picture, SHORT, target=machine)
    # After loading and warming up both, each round holds a block of each.
    costs = [cost for cost, _ in machine.calls]
    assert costs.count(len(pair.model)) == costs.count(len(picture.model))
    rounds = [costs[place : place + 2] for place in range(4, len(costs) // SHORT.loads, 2)]
    assert all(len(set(turns)) == 2 for turns in rounds)
    assert len({tuple(turns) for turns in rounds}) == 2
    assert (machine.most_open, machine.open) == (2, 0)
    assert len(machine.options) == 2 * SHORT.loads


def test_another_seed_is_another_order(pair, picture):
    orders = []
    for seed in (0, 0, 1):
        machine = Machine()
        options = CompareOptions(seconds=0.06, loads=5, block_seconds=0.001, seed=seed)
        compare_bundles(pair, picture, options, target=machine)
        orders.append(machine.calls)
    assert orders[0] == orders[1] != orders[2]


def test_blocks_are_as_long_as_asked_and_rounds_fill_the_time(pair):
    machine = Machine()
    options = CompareOptions(seconds=1.0, loads=5, block_seconds=0.01)
    comparison = compare_bundles(pair, pair, options, target=machine)
    assert machine.calls[-1][1] == pytest.approx(0.01e6 / (machine.speed * len(pair.model)), abs=2)
    assert all(8 <= len(group.first_us) <= 12 for group in comparison.groups)


def test_options_reach_the_target(pair):
    machine = Machine()
    options = CompareOptions(seconds=0, loads=5, threads=2, kernels=Kernels.REFERENCE, pin=(0,))
    compare_bundles(pair, pair, options, target=machine)
    given = machine.options[0]
    assert (given.threads, given.kernels, given.pin) == (2, Kernels.REFERENCE, (0,))


def test_both_are_pinned_and_the_process_is_free_afterwards(pair):
    allowed = os.sched_getaffinity(0)
    options = replace(SHORT, pin=(max(allowed),))
    assert compare_bundles(pair, pair, options).environment.affinity == (max(allowed),)
    assert os.sched_getaffinity(0) == allowed


def test_each_may_have_its_own_inputs(pair, picture):
    samples = [{name: np.ones((1, 4), np.int8) for name in "ab"}]
    comparison = compare_bundles(pair, picture, SHORT, inputs=(samples, ()))
    assert comparison.inputs == "given, 1 sample and random, seed 0"
    with pytest.raises(InvalidOptionError, match=r"^inputs is"):
        compare_bundles(pair, picture, SHORT, inputs=((), samples))


def test_a_target_that_fails_is_closed(pair):
    machine = Machine(fails=True)
    with pytest.raises(TargetError, match="stopped to answer"):
        compare_bundles(pair, pair, SHORT, target=machine)
    assert machine.open == 0


class Log:
    """A progress that writes down what it is told."""

    def __init__(self):
        self.told = []

    def stage(self, stage):
        self.told.append(str(stage))

    def advance(self, done, total):
        self.told.append((done, total))


def test_progress_counts_loads(pair):
    log = Log()
    compare_bundles(pair, pair, SHORT, target=Machine(), progress=log)
    assert log.told == ["run both in turns", *((done, 5) for done in range(1, 6))]
