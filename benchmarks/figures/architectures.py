"""Convert architecture families with random seeded weights to int8, and measure each of them.

Every family is made and converted in processes of its own, so that seconds and memory are its
own and a crash is a row. ``architectures_page.py`` makes a page of the records.

    python benchmarks/figures/architectures.py [FAMILY ...] --json OUT
    python benchmarks/figures/architectures.py --engine onnx2tf --source onnx --json PEER
"""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

from architectures.children import in_child
from architectures.measuring import measure
from architectures.preparing import Prepared, prepare
from architectures.record import Record, versions
from architectures.running import SECONDS, run_all

_METHODS = ("min-max", "percentile", "mse", "entropy")


def main() -> None:
    """Measure the families that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="families; all of them otherwise")
    parser.add_argument("--engine", choices=("edgekit", "onnx2tf"), default="edgekit")
    parser.add_argument("--source", choices=("onnx", "torch"), default="onnx")
    parser.add_argument("--calibration-method", choices=_METHODS, default=_METHODS[0])
    parser.add_argument("--json", type=Path, help="write the record there")
    parser.add_argument("--keep", type=Path, help="folder for networks and samples, used again")
    arguments = parser.parse_args()
    known = in_child(_names, seconds=SECONDS)
    unknown = sorted(set(arguments.names) - set(known))
    if unknown:
        parser.error(f"no family {', '.join(unknown)}; there are {', '.join(known)}")
    engine, source, method = arguments.engine, arguments.source, arguments.calibration_method
    record = Record(engine, source, method, versions(engine))
    with tempfile.TemporaryDirectory() as scratch:

        def call(family: str) -> tuple[Any, ...]:
            files = Prepared((arguments.keep or Path(scratch)) / family)
            if not files.is_there:
                in_child(prepare, family, files.folder, seconds=SECONDS)
            return measure, family, engine, source, method, files

        run_all(record, arguments.names or known, call, arguments.json)


def _names() -> list[str]:
    from architectures.families import FAMILIES

    return list(FAMILIES)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
