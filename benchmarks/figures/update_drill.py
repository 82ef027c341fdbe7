"""Updates that are killed at random: does the next start always have a model that verifies?

Needs the folder of test data (``EDGEKIT_TEST_DATA``) with ``kws_dscnn.onnx`` and
``kws_eval.npz``, and the extra ``[update]``. Two versions of the keyword network (calibrated on
50 and on 100 samples) with golden inputs are signed with a key that is made here. A child process
updates a store from one to the other and back without end; it is killed (SIGKILL) after a random
time. Then the store is opened as at a start: signature, hashes, golden outputs.

After that, one byte at a time is changed in a signed bundle, and bundles are signed with another
key: each must be refused.

    python benchmarks/figures/update_drill.py --json docs/figures/update_drill.json
"""

import argparse
import json
import os
import signal
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import numpy as np

from edgekit.benchmarks import Measurement, Provenance
from edgekit.bundle import Bundle
from edgekit.errors import EdgekitError
from edgekit.files import atomic_write
from edgekit.runtime.updating import LiveModel, ModelStore, NoModelError, add_golden

GOLDEN_SAMPLES = 4
TOLERANCE = 0.06  # of a score; kernels of the same model differ by a few steps of 1/256


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a drill showed.

    Attributes:
        kills: Processes that were killed.
        verified: Starts after which a model verified and passed its self-test.
        fell_back: Starts at which the current version did not verify and the one before did.
        moved: Kills after which another version was current than before.
        leftovers: Kills that left a new file which the state does not name.
        refused_tampered: Refused bundles with one byte changed, of `tampered`.
        tampered: Bundles with one byte changed.
        refused_keys: Refused bundles that another key signed, of `other_keys`.
        other_keys: Bundles that another key signed.
    """

    kills: int
    verified: int
    fell_back: int
    moved: int
    leftovers: int
    refused_tampered: int
    tampered: int
    refused_keys: int
    other_keys: int


def drill(store: ModelStore, bundles: Sequence[Path], kills: int, seed: int) -> Counter[str]:
    """Kill updates of a store that has one of two bundles, and open it after each."""
    generator = np.random.default_rng(seed)
    found: Counter[str] = Counter()
    began_s = perf_counter()
    for path in bundles:
        store.install(path)
    cycle_s = perf_counter() - began_s
    for _ in range(kills):
        before, old_files = store.state(), _unnamed(store)
        child = os.fork()
        if child == 0:
            _update_forever(store, bundles)
        sleep(generator.uniform(0, 3 * cycle_s))
        os.kill(child, signal.SIGKILL)
        found["kills"] += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        found["moved"] += store.state() != before
        found["leftovers"] += bool(_unnamed(store) - old_files)
        with suppress(NoModelError):
            loaded = store.load()
            loaded.model.close()
            found["verified"] += 1
            found["fell_back"] += loaded.refused is not None
    return found


def _unnamed(store: ModelStore) -> set[str]:
    """Return the bundles and temporary files of a store that its state does not name."""
    named = {"lock", "state.json"}
    if (state := store.state()) is not None:
        named |= {f"{version}.edgekit" for version in (state.current, state.previous)}
    return {path.name for path in store.folder.iterdir()} - {
        name + end for name in named for end in ("", ".sig")
    }


def _update_forever(store: ModelStore, bundles: Sequence[Path]) -> None:
    """Update in a child process, which ends by being killed."""
    try:
        with LiveModel(store) as live:
            while True:
                for path in bundles:
                    live.update(path)
    finally:
        os._exit(1)


def refusals(store: ModelStore, bundle: Path, scratch: Path, tries: int) -> tuple[int, int]:
    """Return how many tampered bundles, and how many of another key, a store refused."""
    generator = np.random.default_rng(0)
    content = bundle.read_bytes()
    signature = Path(f"{bundle}.sig").read_bytes()
    forged = scratch / "forged.edgekit"
    tampered = other_keys = 0
    for _ in range(tries):
        changed = bytearray(content)
        changed[generator.integers(len(content))] ^= int(generator.integers(1, 256))
        forged.write_bytes(changed)
        Path(f"{forged}.sig").write_bytes(signature)
        tampered += _is_refused(store, forged)
        forged.write_bytes(content)
        Path(f"{forged}.sig").write_bytes(new_key(None)(content))
        other_keys += _is_refused(store, forged)
    return tampered, other_keys


def _is_refused(store: ModelStore, path: Path) -> bool:
    before = store.state()
    try:
        store.install(path)
    except EdgekitError:
        return store.state() == before
    return False


def new_key(public: Path | None) -> Any:
    """Return a function that signs with a key made now; its public half goes to ``public``."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PrivateKey.generate()
    if public is not None:
        form = PublicFormat.SubjectPublicKeyInfo
        public.write_bytes(key.public_key().public_bytes(Encoding.PEM, form))
    return key.sign


def run(bundles: Sequence[Path], scratch: Path, kills: int, tries: int) -> Outcome:
    """Sign the bundles, and drill a store of them."""
    sign = new_key(scratch / "public.pem")
    for path in bundles:
        Path(f"{path}.sig").write_bytes(sign(path.read_bytes()))
    store = ModelStore(scratch / "store", public_key=scratch / "public.pem")
    found = drill(store, bundles, kills, seed=0)
    tampered, other_keys = refusals(store, bundles[0], scratch, tries)
    return Outcome(
        kills=found["kills"],
        verified=found["verified"],
        fell_back=found["fell_back"],
        moved=found["moved"],
        leftovers=found["leftovers"],
        refused_tampered=tampered,
        tampered=tries,
        refused_keys=other_keys,
        other_keys=tries,
    )


def build_versions(data: Path, scratch: Path) -> list[Path]:
    """Build two versions with golden inputs; in a process of its own, which is never forked."""
    from edgekit.build_options import BuildOptions
    from edgekit.building import build

    with np.load(data / "kws_eval.npz") as archive:
        samples = archive["x"][:GOLDEN_SAMPLES]
    paths = []
    for count in (50, 100):
        options = BuildOptions(calibration_data=f"{data}/kws_eval.npz[:{count}]")
        build(data / "kws_dscnn.onnx", scratch / "plain.edgekit", options)
        bundle = Bundle.open(scratch / "plain.edgekit")
        name = bundle.manifest.inputs[0].name
        shape = bundle.manifest.inputs[0].shape
        golden = [{name: sample.reshape(shape)} for sample in samples]
        path = scratch / f"kws-{count}.edgekit"
        paths.append(add_golden(bundle, path, golden, tolerance=TOLERANCE).path)
    return paths


def main() -> None:
    """Build, drill, print the figures, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--tries", type=int, default=100, help="forged bundles of each kind")
    arguments = parser.parse_args()
    data = Path(os.environ.get("EDGEKIT_TEST_DATA", "../shared/data"))
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            bundles = pool.submit(build_versions, data, scratch).result()
        began_s = perf_counter()
        outcome = run(bundles, scratch, arguments.kills, arguments.tries)
        seconds = perf_counter() - began_s
    print(json.dumps(asdict(outcome)))
    time = Measurement(seconds, "s", Provenance.MEASURED, "wall-clock time of the whole drill")
    content = {"schema_version": 1, "drill": asdict(outcome), "time": time.to_json()}
    atomic_write(arguments.json, json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
