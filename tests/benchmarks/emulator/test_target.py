"""The name `emulator` is known; asking it for latencies says what to do instead."""

import pytest

from edgekit.benchmarks import TargetError, open_target, target_names
from edgekit.device_profiles import load_profile


def test_it_is_known_and_measures_no_time():
    assert "emulator" in target_names()
    with pytest.raises(TargetError, match="no clock to measure latencies") as caught:
        open_target("emulator", device=load_profile("nucleo-l4r5zi"))
    assert "--on emulator -d nucleo-l4r5zi" in caught.value.hint
