"""The state of one call is the input of the next, by name, and survives a call that fails."""

import threading

import numpy as np
import pytest

from edgekit.errors import UnknownNameError
from edgekit.runtime import Model, ValueMismatchError
from edgekit.runtime.streaming import ConcurrentUseError, StatefulModel, StreamSettingError

FEEDBACK = {"total": "sum_in"}
SCALE = {"scale": 0.5, "zero_point": 3}


def test_a_running_sum_runs_and_starts_again(accumulator):
    with Model(accumulator()) as model:
        stateful = StatefulModel(model, FEEDBACK)
        values = np.random.default_rng(0).integers(-9, 9, (6, 1, 2)).astype(np.float32)
        found = [stateful(value)["total"] for value in values]
        np.testing.assert_array_equal(found, np.cumsum(values, axis=0))
        np.testing.assert_array_equal(stateful.state["sum_in"], values.sum(axis=0))
        stateful.reset()
        assert stateful({"x": values[0]})["total"].tolist() == values[0].tolist()


@pytest.mark.parametrize("result", [SCALE, {"scale": 0.25, "zero_point": -5}])
def test_a_quantized_state_keeps_its_real_values(accumulator, result):
    with Model(accumulator("int8", SCALE, result)) as model:
        stateful = StatefulModel(model, FEEDBACK)
        steps = np.array([[[1.0, -2.5]], [[0.5, -3.0]], [[4.0, 0.0]]], np.float32)
        found = [stateful(step)["total"] for step in steps]
    # All these sums are multiples of both steps, so that nothing is rounded.
    np.testing.assert_array_equal(found, np.cumsum(steps, axis=0))


def test_integers_are_fed_back_as_they_are(accumulator):
    with Model(accumulator("int32")) as model:
        stateful = StatefulModel(model, FEEDBACK, initial={"sum_in": np.array([[2**30, 7]])})
        assert stateful(np.array([[3, -7]]))["total"].tolist() == [[2**30 + 3, 0]]
        assert stateful(np.array([[1, 1]]))["total"].tolist() == [[2**30 + 4, 1]]


def test_the_initial_state_is_the_callers_choice(accumulator):
    with Model(accumulator()) as model:
        initial = np.array([[1.5, -1.0]])
        stateful = StatefulModel(model, FEEDBACK, initial={"sum_in": initial})
        initial[:] = 99
        for _ in range(2):
            assert stateful(np.zeros((1, 2)))["total"].tolist() == [[1.5, -1.0]]
            stateful(np.ones((1, 2)))
            stateful.reset()


def test_nobody_changes_the_state_from_outside(accumulator):
    with Model(accumulator()) as model:
        stateful = StatefulModel(model, FEEDBACK)
        stateful(np.ones((1, 2)))["total"][:] = 50
        stateful.state["sum_in"][:] = 50
        assert stateful(np.ones((1, 2)))["total"].tolist() == [[2, 2]]


def test_a_call_that_fails_leaves_the_state(accumulator):
    with Model(accumulator()) as model:
        stateful = StatefulModel(model, FEEDBACK)
        stateful(np.ones((1, 2)))
        with pytest.raises(ValueMismatchError, match="input 'x'"):
            stateful(np.ones((3, 3)))
        with pytest.raises(ValueMismatchError, match="'sum_in': it is state"):
            stateful({"x": np.ones((1, 2)), "sum_in": np.ones((1, 2))})
        with pytest.raises(ValueMismatchError, match="input 'x': it was not given"):
            stateful()
        assert stateful(np.ones((1, 2)))["total"].tolist() == [[2, 2]]


def test_two_threads_at_once_are_refused_by_name(accumulator):
    with Model(accumulator()) as model:
        stateful = StatefulModel(model, FEEDBACK)
        model._lock.acquire()  # the first call has to wait inside
        first = threading.Thread(target=stateful, args=(np.ones((1, 2)),), name="first")
        first.start()
        while not stateful._busy.locked() or not stateful._holder:
            pass
        for use in (lambda: stateful(np.ones((1, 2))), stateful.reset):
            with pytest.raises(ConcurrentUseError, match="'MainThread' while thread 'first'"):
                use()
        model._lock.release()
        first.join(10)
        assert stateful(np.ones((1, 2)))["total"].tolist() == [[2, 2]]


def test_a_model_that_is_all_state_needs_no_inputs(tmp_path, tflite_models):
    with Model(tflite_models.float_bundle(tmp_path / "m.edgekit")) as model:
        initial = {"x": np.ones((1, 2, 3))}
        stateful = StatefulModel(model, {"twice": "x"}, initial=initial)
        for power in (2, 4, 8):
            assert stateful()["twice"].max() == power
        with pytest.raises(ValueMismatchError, match="0 are not state: none"):
            stateful(np.ones((1, 2, 3)))


@pytest.mark.parametrize(
    ("feedback", "match"),
    [({"totals": "sum_in"}, "unknown output 'totals'"), ({"total": "sum"}, "unknown input 'sum'")],
)
def test_unknown_names_are_refused(accumulator, feedback, match):
    with Model(accumulator()) as model, pytest.raises(UnknownNameError, match=match):
        StatefulModel(model, feedback)


def test_connections_that_do_not_fit_are_refused(accumulator, tmp_path, tflite_models):
    with Model(accumulator()) as model:
        with pytest.raises(StreamSettingError, match="it is empty"):
            StatefulModel(model, {})
        with pytest.raises(UnknownNameError, match="unknown state 'x'"):
            StatefulModel(model, FEEDBACK, initial={"x": np.zeros((1, 2))})
        for value in (np.zeros(2), np.zeros((1, 2), int)):
            with pytest.raises(StreamSettingError, match="initial state 'sum_in'"):
                StatefulModel(model, FEEDBACK, initial={"sum_in": value})
    with (
        Model(accumulator("int32")) as model,
        pytest.raises(StreamSettingError, match="do not fit int32"),
    ):
        StatefulModel(model, FEEDBACK, initial={"sum_in": np.array([[2**40, 0]])})
    with (
        Model(tflite_models.pair_bundle(tmp_path / "pair.edgekit")) as model,
        pytest.raises(StreamSettingError, match="two outputs feed one input"),
    ):
        StatefulModel(model, {"sum": "a", "product": "a"})
    with (
        Model(tflite_models.tokens_bundle(tmp_path / "tokens.edgekit")) as model,
        pytest.raises(StreamSettingError, match=r"shape \(1, 3, 2\) with axes"),
    ):
        StatefulModel(model, {"vectors": "ids"})
