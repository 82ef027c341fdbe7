"""Whether a recipe's model is within the budget: contract and parity on evaluation samples."""

import math
from dataclasses import dataclass

from edgekit.bundle.manifest import Scheme
from edgekit.converters.calibration import SampleSet
from edgekit.converters.compression import (
    CompressionFinding,
    SettledFinding,
    settle,
)
from edgekit.converters.compression import Outcome as ConversionOutcome
from edgekit.converters.contract import ContractContext, Violation, check_contract
from edgekit.converters.engines.base import LoweredModel
from edgekit.converters.graph import Graph, read_graph
from edgekit.converters.parity import ParityReport, Thresholds, compare_models, parity_failures
from edgekit.converters.request import QuantizationRequest
from edgekit.converters.sources import SourceModel
from edgekit.device_profiles import DeviceProfile

__all__ = ["Judge", "Verdict"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of a model.

    Attributes:
        tflite: The model.
        graph: As read back from it.
        scheme: How it stores activations.
        waived: What breaks the contract and was allowed.
        findings: What became of what compression left in the source.
        parity: How far it is from its source.
        holds: Whether no threshold is missed.
    """

    tflite: bytes
    graph: Graph
    scheme: Scheme
    waived: tuple[Violation, ...]
    findings: tuple[SettledFinding, ...]
    parity: ParityReport
    holds: bool

    @property
    def sqnr_db(self) -> float:
        """The SQNR of the worst float output, infinite where all are equal to the source."""
        return _worst_db(self.parity)

    @property
    def metric(self) -> float:
        """The metric in percent; 0 without labels, where no model differs from another in it."""
        return self.parity.metric.final_model if self.parity.metric else 0.0

    def score(self, plain: "Verdict") -> tuple[bool, bool, float, float]:
        """What is better is greater.

        A model within the budget comes first, then one whose metric is not below the plain
        model's. Among those the SQNR decides: on a few hundred samples the metric of models that
        are nearly alike goes up and down by chance. Outputs of integers have equal values instead.
        """
        outputs = (item.final_model.equal_percent for item in self.parity.outputs)
        equal = min((share for share in outputs if share is not None), default=100.0)
        return self.holds, self.metric >= plain.metric, self.sqnr_db, equal


@dataclass(frozen=True, slots=True)
class Judge:
    """Holds models against the contract and the budget.

    Attributes:
        source: What they shall compute.
        lowered: The float model.
        evaluation: Samples that did not calibrate, with labels where there is a metric.
        thresholds: The budget: points of the metric, SQNR and cosine.
        found: What compression left in the source, which no rung may make worse.
        devices: Whose contract models must keep.
        float_islands: Whether operators may stay in float.
    """

    source: SourceModel
    lowered: LoweredModel
    evaluation: SampleSet
    thresholds: Thresholds
    found: tuple[CompressionFinding, ...] = ()
    devices: tuple[DeviceProfile, ...] = ()
    float_islands: bool = False

    def refusal(self, tflite: bytes, request: QuantizationRequest, best: Verdict) -> str | None:
        """Return why a model is out of the question: the contract, or what compression left."""
        for item in self._violations(tflite, request):
            if not (self.float_islands and item.is_float_island):
                return str(item)
        for before, after in zip(best.findings, self._settle(read_graph(tflite)), strict=True):
            if after.fate.loss > before.fate.loss:
                finding = after.finding
                return f"{finding.kind} of '{finding.tensor}' would be {after.fate}: {after.proof}"
        return None

    def judge(self, tflite: bytes, request: QuantizationRequest) -> Verdict:
        """Run a model that keeps the contract on the evaluation samples."""
        report = compare_models(self.source, self.lowered, tflite, self.evaluation)
        return self.verdict(tflite, request, report)

    def verdict(self, tflite: bytes, request: QuantizationRequest, report: ParityReport) -> Verdict:
        """Return the verdict that a parity report makes."""
        graph = read_graph(tflite)
        return Verdict(
            tflite=tflite,
            graph=graph,
            scheme=request.scheme,
            waived=self._violations(tflite, request),
            findings=self._settle(graph),
            parity=report,
            holds=not parity_failures(report, self.thresholds),
        )

    def _violations(self, tflite: bytes, request: QuantizationRequest) -> tuple[Violation, ...]:
        context = ContractContext(request.scheme, request.io, origins=self.lowered.origins)
        return check_contract(read_graph(tflite), context, self.devices)

    def _settle(self, graph: Graph) -> tuple[SettledFinding, ...]:
        outcome = ConversionOutcome(self.source, self.lowered, graph, self.devices)
        return settle(self.found, outcome)


def _worst_db(report: ParityReport) -> float:
    floats = [item.final_model for item in report.outputs if item.final_model.equal_percent is None]
    return min((item.decibels for item in floats), default=math.inf)
