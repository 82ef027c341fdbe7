"""A class fires once for each rise, no sooner than its refractory time allows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.errors import UnknownNameError
from edgekit.runtime.streaming import Detection, SampleMismatchError, StreamSettingError, Trigger

SETTINGS = {"on": 0.8, "off": 0.4, "refractory_s": 1.0}


def fired(trigger, scores, period_s=0.5):
    """Return the times at which the only class fires."""
    times = np.arange(len(scores)) * period_s
    found = [trigger.update(np.array([s]), t) for s, t in zip(scores, times, strict=True)]
    return [each.time_s for now in found for each in now]


@pytest.mark.parametrize(
    ("scores", "times"),
    [
        ([0.9, 0.9, 0.9, 0.9, 0.9], [0.0]),  # once while it lasts
        ([0.9, 0.5, 0.9, 0.5, 0.9], [0.0]),  # never below off
        ([0.9, 0.3, 0.9, 0.0, 0.9], [0.0, 1.0, 2.0]),
        ([0.9, 0.3, 0.9, 0.9, 0.3, 0.8], [0.0, 1.0, 2.5]),
        ([0.79, 0.3, 0.79], []),
        ([0.8, 0.4, 0.8, 0.399, 0.8], [0.0, 2.0]),  # on is at, off is below
    ],
)
def test_hysteresis_and_refractory_time(scores, times):
    assert fired(Trigger(["yes"], **SETTINGS), scores) == times


def test_a_rise_within_the_refractory_time_fires_when_that_ends():
    trigger = Trigger(["yes"], on=0.8, off=0.4, refractory_s=2.0)
    assert fired(trigger, [0.9, 0.1, 0.9, 0.9, 0.9, 0.9]) == [0.0, 2.0]
    trigger.reset()
    assert fired(trigger, [0.9, 0.1, 0.9, 0.1, 0.5, 0.9]) == [0.0, 2.5]


def plain(scores, times, on, off, refractory_s):
    """The same for one class, as a state machine that remembers words and not arrays."""
    state, last, found = "armed", None, []
    for score, time in zip(scores, times, strict=True):
        if score < off:
            state = "armed"
        if state == "armed" and score >= on and (last is None or time - last >= refractory_s):
            state, last = "fired", time
            found.append(time)
    return found


@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), max_size=40),
    st.integers(0, 10),
    st.integers(0, 10),
    st.integers(0, 5),
)
def test_each_class_is_a_state_machine_of_its_own(rows, high, low, refractory):
    low = min(low, high)
    settings = {"on": {"a": high, "b": 5}, "off": {"a": low, "b": 3}}
    trigger = Trigger(["a", "b"], **settings, refractory_s={"a": refractory, "b": 2})
    found = [
        (each.label, each.time_s)
        for time, row in enumerate(rows)
        for each in trigger.update(np.array(row, float), time)
    ]
    a, b = ([row[index] for row in rows] for index in (0, 1))
    times = range(len(rows))
    assert [time for label, time in found if label == "a"] == plain(a, times, high, low, refractory)
    assert [time for label, time in found if label == "b"] == plain(b, times, 5, 3, 2)


def test_ignored_classes_never_fire_and_need_no_thresholds():
    trigger = Trigger(
        ["silence", "yes"], on={"yes": 0.8}, off=0.4, refractory_s=0, ignored=["silence"]
    )
    assert trigger.update(np.array([1.0, 0.0]), 0) == ()
    assert trigger.update(np.array([0.0, 0.9]), 1) == (Detection("yes", 0.9, 1),)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"labels": []}, "labels"),
        ({"labels": ["a", "a"]}, "labels"),
        ({"off": 0.9}, r"0\.9 is above on=0\.8 for 'a'"),
        ({"refractory_s": -1}, "negative"),
        ({"on": float("nan")}, "nan is no number"),
        ({"on": {"a": 0.8}}, "none is given for b"),
    ],
)
def test_what_makes_no_sense_is_refused(change, match):
    with pytest.raises(StreamSettingError, match=match):
        Trigger(**{"labels": ["a", "b"], **SETTINGS, **change})


@pytest.mark.parametrize("change", [{"ignored": ["bee"]}, {"on": {"a": 1, "b": 1, "bee": 1}}])
def test_unknown_classes_are_refused(change):
    with pytest.raises(UnknownNameError, match="unknown class 'bee'"):
        Trigger(**{"labels": ["a", "b"], **SETTINGS, **change})


def test_scores_and_times_must_fit():
    trigger = Trigger(["a"], **SETTINGS)
    for scores in ([1.0, 2.0], [np.nan]):
        with pytest.raises(SampleMismatchError, match="1 numbers are taken"):
            trigger.update(np.array(scores), 0)
    trigger.update(np.array([0.0]), 5)
    for time in (4.9, float("nan")):
        with pytest.raises(SampleMismatchError, match=r"came after 5 s"):
            trigger.update(np.array([0.0]), time)
