"""A model is swapped under its callers: none fails, and a bad update changes nothing."""

import os
import shutil
import threading

import numpy as np
import pytest

from edgekit.bundle import BundleError
from edgekit.runtime import ClosedModelError
from edgekit.runtime.updating import (
    LiveModel,
    ModelStore,
    NoModelError,
    SelfTestError,
    UpdateRefusedError,
)

ONES = np.ones((1, 2, 3), np.float32)


@pytest.fixture
def live(store, bundles):
    store.install(bundles["a"])
    with LiveModel(store) as opened:
        yield opened


def factor(live):
    return float(live(ONES)["twice"].max())


def test_no_call_fails_while_versions_change(live, bundles):
    stop, unfinished, seen = threading.Event(), [], set()

    def call():
        unfinished.append("began")
        while not stop.is_set():
            seen.update(live(ONES)["twice"].ravel().tolist())
        unfinished.remove("began")

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(12):
        live.update(bundles["ba"[number % 2]])
    stop.set()
    for thread in threads:
        thread.join(10)
    assert not unfinished
    assert seen == {1.0, 2.0}


def test_a_lease_keeps_its_model_until_it_ends(live, bundles):
    with live.lease() as old:
        live.update(bundles["b"])
        assert factor(live) == 1
        assert old(ONES)["twice"].max() == 2
    with pytest.raises(ClosedModelError):
        old(ONES)


def test_a_refused_update_leaves_memory_and_store(live, store, bundles, tmp_path):
    version, state = live.version, store.state()
    (tmp_path / "b.edgekit").write_bytes(bundles["b"].read_bytes()[:300])
    for path, error in (
        (tmp_path / "b.edgekit", BundleError),
        (bundles["plain"], SelfTestError),
        (bundles["wide"], UpdateRefusedError),
    ):
        with pytest.raises(error):
            live.update(path)
        assert (live.version, store.state(), factor(live)) == (version, state, 2)


def test_going_back_and_forth(live, bundles):
    with pytest.raises(UpdateRefusedError, match="no version before"):
        live.roll_back()
    first = live.version
    second = live.update(bundles["b"])
    assert live.roll_back() == first == live.version
    assert factor(live) == 2
    assert live.roll_back() == second
    assert factor(live) == 1


def test_a_watched_folder_is_read_once_for_each_bundle(live, bundles, tmp_path):
    inbox = tmp_path / "inbox"
    assert live.poll(inbox) is None
    inbox.mkdir()
    shutil.copy(bundles["a"], inbox / "1.edgekit")
    assert live.poll(inbox) is None  # the current one
    whole = bundles["b"].read_bytes()
    half = inbox / "2.edgekit"
    half.write_bytes(whole[:400])
    os.utime(half, (2e9, 2e9))
    with pytest.raises(BundleError):
        live.poll(inbox)
    assert live.poll(inbox) is None  # it was told once
    half.write_bytes(whole)
    os.utime(half, (2e9 + 1, 2e9 + 1))
    assert live.poll(inbox) == live.version
    assert factor(live) == 1
    assert live.poll(inbox) is None


def test_what_was_rolled_back_does_not_come_again(store, bundles, tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    shutil.copy(bundles["b"], inbox)
    store.install(bundles["a"])
    with LiveModel(store) as live:
        assert live.poll(inbox) is not None
        live.roll_back()
        assert live.poll(inbox) is None
    with LiveModel(store) as live:  # the next start
        assert live.poll(inbox) is None
        assert factor(live) == 2


def test_a_start_tells_why_the_current_version_was_given_up(store, bundles):
    store.install(bundles["a"])
    second = store.install(bundles["b"])
    (store.folder / f"{second}.edgekit").write_bytes(b"damaged")
    with LiveModel(store) as live:
        assert factor(live) == 2
        assert "was changed" in str(live.refused)
    with LiveModel(store) as live:
        assert live.refused is None


def test_closing_ends_it_after_the_calls_that_run(live, bundles):
    with live.lease() as model:
        live.close()
        assert model(ONES)["twice"].max() == 2
    live.close()
    for use in (lambda: live(ONES), lambda: live.update(bundles["b"]), lambda: live.version):
        with pytest.raises(ClosedModelError):
            use()


def test_it_needs_a_model_to_begin_with(tmp_path):
    with pytest.raises(NoModelError):
        LiveModel(ModelStore(tmp_path / "empty"))
