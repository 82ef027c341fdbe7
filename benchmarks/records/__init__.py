"""Every result in one embedded database: kept, found again, and followed over time."""

from edgekit.benchmarks.records.database import PATH_VARIABLE, ResultsDatabase, default_path
from edgekit.benchmarks.records.errors import (
    DocumentError,
    RecordsError,
    UnknownRecordError,
    UnreadableRecordError,
)
from edgekit.benchmarks.records.exchange import read_records, write_csv, write_json
from edgekit.benchmarks.records.filters import RecordFilter, parse_since
from edgekit.benchmarks.records.fingerprint import fingerprint
from edgekit.benchmarks.records.opening import names_record, open_benchmark, open_result
from edgekit.benchmarks.records.record import (
    BENCHMARK,
    COMPARISON,
    EMULATION,
    ENGINES,
    PROFILE,
    SHORT_ID,
    Record,
)
from edgekit.benchmarks.records.rows import Row
from edgekit.benchmarks.records.salvage import Recovery
from edgekit.benchmarks.records.summary import Summary
from edgekit.benchmarks.records.trend import Trend, TrendPoint, sparkline, trends

__all__ = [
    "BENCHMARK",
    "COMPARISON",
    "EMULATION",
    "ENGINES",
    "PATH_VARIABLE",
    "PROFILE",
    "SHORT_ID",
    "DocumentError",
    "Record",
    "RecordFilter",
    "RecordsError",
    "Recovery",
    "ResultsDatabase",
    "Row",
    "Summary",
    "Trend",
    "TrendPoint",
    "UnknownRecordError",
    "UnreadableRecordError",
    "default_path",
    "fingerprint",
    "names_record",
    "open_benchmark",
    "open_result",
    "parse_since",
    "read_records",
    "sparkline",
    "trends",
    "write_csv",
    "write_json",
]
