"""Models are timed in turns, each by itself and with its inputs in place."""

import numpy as np
import pytest

from edgekit.benchmarks import random_inputs
from edgekit.benchmarks.profiling import ProfileOptions
from edgekit.benchmarks.profiling.timing import time_in_turns
from edgekit.runtime import InterpreterError

QUICK = ProfileOptions(rounds=3, turns=2, block_seconds=1e-4)


def test_each_model_has_a_latency_in_each_round(tflite_models, tmp_path):
    bundle = tflite_models.conv_bundle(tmp_path / "picture.edgekit")
    inputs = random_inputs(bundle.manifest.inputs, seed=0)[0]
    latencies = time_in_turns([bundle.model] * 4, inputs, QUICK)
    assert latencies.shape == (3, 4)
    assert np.all(latencies > 0)


def test_inputs_are_in_place(tflite_models, tmp_path):
    # An id beyond the table fails, which zeros would not.
    bundle = tflite_models.tokens_bundle(tmp_path / "tokens.edgekit")
    time_in_turns([bundle.model], {"ids": np.full((1, 3), 3, np.int32)}, QUICK)
    with pytest.raises(RuntimeError):
        time_in_turns([bundle.model], {"ids": np.full((1, 3), 99, np.int32)}, QUICK)


def test_what_is_no_model_is_refused():
    with pytest.raises(InterpreterError):
        time_in_turns([b"TFL3 not"], {}, QUICK)
