"""Times of samples that a meter's own clock numbers and that arrive here late."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["host_times"]


def host_times(
    device_s: NDArray[np.float64], received_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return device times on this machine's clock.

    A message is received after what it holds was measured, by a delay that varies; the one that
    came quickest tells best how the two clocks lie. Their rates are taken as equal: crystals
    differ by some 50 ppm, which is 3 ms after a minute.

    Args:
        device_s: When each message's last sample was taken, by the device's clock [n].
        received_s: When each message was received, by ``time.perf_counter`` [n].
    """
    return np.asarray(device_s + np.min(received_s - device_s), np.float64)
