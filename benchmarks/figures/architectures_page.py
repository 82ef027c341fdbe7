"""Write docs/architectures.md from the committed runs.

python benchmarks/figures/architectures_page.py
"""

from pathlib import Path

from architectures.page import architectures_page
from architectures.record import Record

from edgekit.files import atomic_write

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "docs" / "figures"


def main() -> None:
    """Write the page."""
    atomic_write(ROOT / "docs" / "architectures.md", page())


def page() -> str:
    """Return the text of the page."""
    onnx, torch, percentile, onnx2tf, litert = (
        Record.read(FIGURES / f"architectures_{way}.json")
        for way in ("onnx", "torch", "percentile", "onnx2tf", "litert_torch")
    )
    return architectures_page(onnx, torch, percentile, (onnx2tf, litert))


if __name__ == "__main__":
    main()
