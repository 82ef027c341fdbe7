"""The host target runs bundles through the runtime and times each run."""

import gc
import os
import resource
import time

import numpy as np
import pytest

from edgekit.benchmarks import (
    BenchmarkOptions,
    HostTarget,
    Provenance,
    Target,
    TargetError,
    random_inputs,
)
from edgekit.benchmarks.host import HostSession, open_host
from edgekit.device_profiles import load_profile
from edgekit.errors import UnknownNameError
from edgekit.runtime import ClosedModelError, Kernels, Model, ValueMismatchError

OPTIONS = BenchmarkOptions()


@pytest.fixture
def picture(tflite_models, tmp_path):
    return tflite_models.conv_bundle(tmp_path / "picture.edgekit")


def prepared(bundle, options=OPTIONS, inputs=None):
    inputs = inputs or random_inputs(bundle.manifest.inputs, seed=0)
    return HostTarget().prepare(bundle, inputs, options)


def test_it_is_a_target_that_measures():
    assert isinstance(HostTarget(), Target)
    assert HostTarget().name == "host"
    assert HostTarget().provenance is Provenance.MEASURED


def test_each_run_gives_one_latency_and_they_fit_into_the_time_that_passed(picture):
    session = prepared(picture)
    start = time.perf_counter()
    latencies = session.run(50)
    passed_us = (time.perf_counter() - start) * 1e6
    assert latencies.shape == (50,)
    assert all(latency > 0 for latency in latencies)
    assert sum(latencies) <= passed_us
    assert session.load_us > 0


def test_inputs_are_taken_in_turn_across_calls(tflite_models, tmp_path):
    # A run with an id beyond the table fails: it must be exactly the third.
    bundle = tflite_models.tokens_bundle(tmp_path / "tokens.edgekit")
    valid, beyond = ({"ids": np.full((1, 3), row, np.int32)} for row in (1, 99))
    session = prepared(bundle, inputs=(valid, valid, beyond))
    assert len(session.run(2)) == 2
    with pytest.raises(Exception, match="failed while running"):
        session.run(1)


def test_the_options_reach_the_interpreter(picture):
    session = prepared(picture, BenchmarkOptions(threads=2, kernels=Kernels.REFERENCE))
    environment = session.environment()
    assert environment.threads == 2
    assert environment.kernels == "reference"
    with Model(picture) as model:
        assert environment.interpreter == model.backend.package
        assert environment.interpreter_version == model.backend.version


def test_an_unknown_backend_is_refused(picture):
    with pytest.raises(UnknownNameError, match="backend"):
        HostTarget(backend="abacus").prepare(picture, ({},), OPTIONS)


def test_an_input_of_the_wrong_type_is_refused(picture):
    with pytest.raises(ValueMismatchError, match="input 'image'"):
        prepared(picture, inputs=({"image": np.zeros((1, 4, 6, 3), np.float32)},))


def test_peak_memory_is_that_of_the_process(picture):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    peak = prepared(picture).peak_rss_bytes()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert before <= peak <= after


def test_a_closed_session_does_not_run(picture):
    session = prepared(picture)
    assert isinstance(session, HostSession)
    session.close()
    session.close()
    with pytest.raises(ClosedModelError):
        session.run(1)


def test_it_is_pinned_from_loading_to_closing(picture):
    allowed = os.sched_getaffinity(0)
    options = BenchmarkOptions(pin=(max(allowed),))
    session = prepared(picture, options)
    assert session.environment().affinity == (max(allowed),)
    session.close()
    assert os.sched_getaffinity(0) == allowed


def test_a_load_that_fails_leaves_the_process_free(picture):
    allowed = os.sched_getaffinity(0)
    options = BenchmarkOptions(pin=(max(allowed),))
    with pytest.raises(UnknownNameError):
        HostTarget(backend="abacus").prepare(picture, ({},), options)
    assert os.sched_getaffinity(0) == allowed


def test_the_state_is_that_of_this_machine(picture):
    state = prepared(picture).system_state()
    assert 0 < state.own_s <= time.process_time()


def test_a_device_is_refused():
    assert open_host(None) == HostTarget()
    with pytest.raises(TargetError, match="not a 'pixel-8'"):
        open_host(load_profile("pixel-8"))


@pytest.mark.parametrize("collecting", [True, False])
def test_garbage_waits_until_the_runs_are_over(picture, collecting):
    session = prepared(picture)
    before = gc.isenabled()
    try:
        (gc.enable if collecting else gc.disable)()
        session.run(3)
        assert gc.isenabled() is collecting
    finally:
        (gc.enable if before else gc.disable)()
