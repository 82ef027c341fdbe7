"""Convert architecture families with litert-torch and litert-quantizer: the peer of our figures.

It runs in an environment of its own, without edgekit, on what `architectures.py --keep FOLDER`
prepared: the same networks, samples and results of torch. Make the environment so:

    python -m venv PEER
    PEER/bin/pip install torch==2.13.0 transformers==5.23.0 litert-torch==0.10.0 \
        litert-quantizer==0.11.0
    PEER/bin/python benchmarks/figures/architectures_litert_torch.py FOLDER --json OUT [FAMILY ...]

The recipe is `static_wi8_ai8`: int8 weights and activations, for all that it supports.
"""

import argparse
import os
from pathlib import Path
from typing import Any

from architectures.litert import ENGINE, measure_peer
from architectures.preparing import Prepared
from architectures.record import Record, versions
from architectures.running import run_all


def main() -> None:
    """Measure the families that were prepared, or those of them that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="what architectures.py --keep wrote")
    parser.add_argument("names", nargs="*", help="families; all that were prepared otherwise")
    parser.add_argument("--json", type=Path, help="write the record there")
    arguments = parser.parse_args()
    known = sorted(path.parent.name for path in arguments.folder.glob("*/results.npz"))
    unknown = sorted(set(arguments.names) - set(known))
    if unknown:
        parser.error(f"not prepared: {', '.join(unknown)}; there are {', '.join(known)}")

    record = Record(ENGINE, "torch", "moving average", versions(ENGINE))

    def call(family: str) -> tuple[Any, ...]:
        return measure_peer, family, Prepared(arguments.folder / family)

    run_all(record, arguments.names or known, call, arguments.json)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
