"""What builds in tests share: a folder for their logs, and pictures for a small network."""

import platformdirs
import pytest


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """Where the builds of a module log."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield platformdirs.user_log_path("edgekit")


@pytest.fixture(scope="module")
def samples(small_models):
    """Sixty pictures: all of them calibrate, unless something else is asked for."""
    return small_models.pictures(60)
