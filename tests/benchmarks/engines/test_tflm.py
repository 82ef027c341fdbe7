"""TensorFlow Lite Micro as an engine: the golden bytes of microcontrollers."""

from dataclasses import replace

import numpy as np
import pytest

from edgekit.benchmarks.engines import EngineUnavailableError, Form, open_engine

pytest.importorskip("tflite_micro", reason="the golden interpreter is not installed")


def test_it_gives_what_the_interpreter_of_microcontrollers_gives(case):
    from tflite_micro import runtime

    session = open_engine("tflm").prepare(case)
    golden = runtime.Interpreter.from_bytes(case.model, arena_size=1 << 20)
    for index, sample in enumerate(case.samples):
        session.run(index)
        # The file has b before a, and product before sum.
        golden.set_input(sample["b"], 0)
        golden.set_input(sample["a"], 1)
        golden.invoke()
        made = session.outputs()
        np.testing.assert_array_equal(made["product"], golden.get_output(0))
        np.testing.assert_array_equal(made["sum"], golden.get_output(1))
    assert (session.description.package, session.description.form) == ("tflite-micro", Form.BUNDLE)


def test_more_threads_are_refused(case):
    with pytest.raises(EngineUnavailableError, match="one thread"):
        open_engine("tflm").prepare(replace(case, threads=2))
