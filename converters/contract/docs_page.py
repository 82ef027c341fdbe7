"""Write the documentation page of the contract from the constraints themselves."""

from edgekit.converters.contract.base import Constraint, constraints

__all__ = ["contract_page"]


def contract_page() -> str:
    """Return docs/contract.md as Markdown."""
    asked = [item for item in constraints() if not item.per_device]
    device = [item for item in constraints() if item.per_device]
    return "\n".join(
        [
            "# The contract",
            "",
            "Made from the constraint functions; `make docs` writes it again.",
            "",
            "After quantization every operator and tensor is held against these rules. A model",
            "that breaks one is not written. `--allow-float-islands` waives the rules marked so.",
            "",
            "## What was asked for",
            "",
            *_lines(asked),
            "",
            "## What each device demands",
            "",
            "Checked for every `--device`, against the operator tables of its runtime",
            "(`device_profiles/runtimes/`).",
            "",
            *_lines(device),
            "",
        ]
    )


def _lines(items: list[Constraint]) -> list[str]:
    return [
        f"- **{item.name}** ({item.subject}{', waivable' if item.is_float_island else ''}): "
        f"{item.rule}"
        for item in items
    ]
