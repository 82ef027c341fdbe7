"""torch.export: the graph of an ExportedProgram, run operator by operator."""

from edgekit.benchmarks.engines.case import EngineCase
from edgekit.benchmarks.engines.torch_source import TorchSession, load_program

__all__ = ["TorchExport"]


class TorchExport:
    """The source's ExportedProgram as a module of its graph."""

    name = "torch-export"

    def prepare(self, case: EngineCase) -> TorchSession:
        """Load the program, or export the module.

        Raises:
            EngineUnavailableError: torch is not installed, or there is no source.
        """
        program = load_program(self.name, case)
        return TorchSession(case, program.module(), "exported graph, no gradients")
