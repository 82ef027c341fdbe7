"""The contract: what was asked of a model and what each device demands, checked by name."""

from edgekit.converters.contract.base import ContractContext, Violation, constraints
from edgekit.converters.contract.checking import ContractError, check_contract, enforce_contract
from edgekit.converters.contract.docs_page import contract_page

__all__ = [
    "ContractContext",
    "ContractError",
    "Violation",
    "check_contract",
    "constraints",
    "contract_page",
    "enforce_contract",
]
