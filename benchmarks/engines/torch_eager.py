"""torch as it is: the module called from Python, operator by operator."""

from edgekit.benchmarks.engines.case import EngineCase
from edgekit.benchmarks.engines.torch_source import TorchSession, load_module

__all__ = ["TorchEager"]


class TorchEager:
    """The source's module, without gradients."""

    name = "torch"

    def prepare(self, case: EngineCase) -> TorchSession:
        """Load the module.

        Raises:
            EngineUnavailableError: torch is not installed, or there is no source with a module.
        """
        return TorchSession(case, load_module(self.name, case), "eager, no gradients")
