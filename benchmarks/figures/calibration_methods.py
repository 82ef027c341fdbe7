"""Compare the four calibration methods of the edgekit engine on the MLPerf Tiny networks.

Needs the folder of test data (``EDGEKIT_TEST_DATA``); data, calibration samples and figures are
those of ``mlperf_tiny.py``: KWS calibrates on the first 100 samples and is scored on the other
900, the other two get the inputs of `tiny_inputs.py`. ``onnx2tf`` stands beside them where it is
installed and ``--peer`` is given.

    python benchmarks/figures/calibration_methods.py --json OUT
"""

import argparse
import json
import os
import tempfile
from pathlib import Path

from mlperf_tiny import Request, measure

from edgekit.converters.request import CalibrationMethod


def main() -> None:
    """Build each network with each method; print a table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--peer", action="store_true", help="measure the onnx2tf engine as well")
    arguments = parser.parse_args()
    data = Path(os.environ.get("EDGEKIT_TEST_DATA", "../shared/data"))
    requests = [Request("edgekit", method) for method in CalibrationMethod]
    if arguments.peer:
        requests.append(Request("onnx2tf"))
    rows: list[dict[str, object]] = []
    for request in requests:
        described = {"engine": request.engine, "method": request.method}
        with tempfile.TemporaryDirectory() as scratch:
            rows += [described | row for row in measure(data, Path(scratch), request)]
    _print(rows)
    arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


def _print(rows: list[dict[str, object]]) -> None:
    print(f"{'network':16}{'engine':9}{'method':12}{'SQNR dB':>8}{'cosine':>9}{'top-1 %':>9}")
    for row in sorted(rows, key=lambda row: str(row["network"])):
        top1 = f"{row['top1_int8']:.2f}" if "top1_int8" in row else ""
        print(
            f"{row['network']:16}{row['engine']:9}{row['method']:12}"
            f"{row['int8_sqnr_db']:8.1f}{row['cosine']:9.5f}{top1:>9}"
        )


if __name__ == "__main__":
    main()
