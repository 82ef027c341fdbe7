"""CSV holds every figure in full."""

import csv
import io

from edgekit.reporting import to_csv


def test_it_holds_every_figure(report, results):
    rows = list(csv.DictReader(io.StringIO(to_csv(report))))
    wanted = [item for result in results for item in result.measurements().items()]
    assert len(rows) == len(report.figures) > len(wanted)
    assert [(row["figure"], float(row["value"]), row["unit"]) for row in rows[: len(wanted)]] == [
        (name, measurement.value, measurement.unit) for name, measurement in wanted
    ]
    assert {row["provenance"] for row in rows} == {"measured", "emulated"}
    latency = rows[0]
    assert float(latency["low"]) <= float(latency["value"]) <= float(latency["high"])
