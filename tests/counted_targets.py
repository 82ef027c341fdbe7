"""Targets whose inferences take energy that is known: in a counter, or in an external log."""

from itertools import pairwise
from time import perf_counter, sleep, time

import numpy as np

from edgekit.benchmarks import HostTarget, Provenance

# What `--on counted` opens; set by `offer`.
_OFFERED = []


def offer(target, folder, monkeypatch):
    """Let ``--on counted`` open a target, by the entry point of a package in ``folder``."""
    info = folder / "counted_targets-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: counted-targets\nVersion: 1.0\n")
    value = f"{__name__}:open_counted"
    (info / "entry_points.txt").write_text(f"[edgekit.targets]\ncounted = {value}\n")
    monkeypatch.syspath_prepend(folder)
    _OFFERED[:] = [target]


def open_counted(device):
    """Return the target that was offered last."""
    assert device is None
    return _OFFERED[0]


class Counted:
    """This machine, with something that is done around every inference."""

    name = "counted"
    provenance = Provenance.MEASURED

    def prepare(self, bundle, inputs, options):
        self._session = HostTarget().prepare(bundle, inputs, options)
        return self

    def __getattr__(self, name):
        return getattr(self.__dict__["_session"], name)


class CountedTarget(Counted):
    """Each inference adds joules to counters of a `RaplRoot` that nothing else drives.

    By its own clock it takes a millisecond, so that the number of inferences is known as well.
    """

    def __init__(self, root, joules):
        self.root, self.joules = root, joules

    def run(self, count):
        for _ in range(count):
            self._session.run(1)
            sleep(0.0005)
            for zone, joules in self.joules.items():
                self.root.add(zone, joules)
        return [1000.0] * count


class LoggedTarget(Counted):
    """An external logger sees 2 W while inferences run, else 0.5 W; its log is there at the end."""

    ACTIVE_W, IDLE_W, STEP_S = 2.0, 0.5, 0.002

    def __init__(self, path, header, row):
        """`row(time)` gives what comes before the power: text of a time since 1970."""
        self.path, self.header, self.row = path, header, row
        self._spans = []

    def run(self, count):
        start = perf_counter()
        latencies = self._session.run(count)
        self._spans.append((start, perf_counter()))
        return latencies

    def close(self):
        self._session.close()
        if not self._spans:
            return
        # Calls that follow each other closely are one load; the first call is one inference,
        # before the idle time.
        edges = [self._spans[1][0]]
        for (_, end), (start, _) in pairwise(self._spans[1:]):
            if start - end > 0.2:
                edges += [end, start]
        edges.append(self._spans[-1][1])
        wall = time() - perf_counter()
        at = np.arange(self._spans[0][0] - 1, self._spans[-1][1] + 1, self.STEP_S)
        loaded = np.searchsorted(edges, at, "right") % 2
        watts = np.where(loaded, self.ACTIVE_W, self.IDLE_W)
        lines = (self.row(now + wall, power) for now, power in zip(at, watts, strict=True))
        self.path.write_text("\n".join([self.header, *lines]) + "\n")
