"""What coremltools says of a torch model's compression, in buffers beside its weights.

A parameter ``conv.weight`` has its buffers at ``conv._COREML_/weight/<field>``: the order of what
was applied in ``compression_type`` (1 pruning, 2 palettization, 3 quantization), the table of
values in ``lut``, and ``quantization_n_bits``. ``_COREML_/metadata_version`` stands at the model.
Source: coremltools' guide, "Conversion", section "Compression info protocol", versions 1 and 2
(https://apple.github.io/coremltools/docs-guides/source/opt-conversion.html).
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["declared_compression"]

_MARK = "_COREML_/"
_VERSION = f"{_MARK}metadata_version"
_KNOWN_VERSIONS = (1, 2)
_PRUNED, _PALETTE, _QUANTIZED = 1, 2, 3


def declared_compression(state: Mapping[str, Any]) -> dict[str, str]:
    """Return what coremltools says was done to each parameter, in words; mostly nothing.

    What a version says that is not known here is left alone: findings rest on the weights.

    Args:
        state: A torch state dictionary, or what is like one: name -> tensor.
    """
    version = state.get(_VERSION)
    if version is None or int(version) not in _KNOWN_VERSIONS:
        return {}
    found = {}
    for name, value in state.items():
        before, mark, rest = name.rpartition(_MARK)
        parameter, _, item = rest.rpartition("/")
        if mark and item == "compression_type":
            prefix = name.removesuffix(item)
            steps = [_step(int(kind), prefix, state) for kind in value.reshape(-1)]
            found[f"{before}{parameter}"] = f"coremltools: {', '.join(filter(None, steps))}"
    return found


def _step(kind: int, prefix: str, state: Mapping[str, Any]) -> str:
    if kind == _PALETTE and f"{prefix}lut" in state:
        table = state[f"{prefix}lut"]  # its last two axes are the values and their dimension
        return f"a palette of {table.shape[-2]} values" if table.ndim > 1 else "a palette"
    if kind == _QUANTIZED and f"{prefix}quantization_n_bits" in state:
        return f"quantized to {int(state[f'{prefix}quantization_n_bits'])} bits"
    return {_PRUNED: "pruned", _PALETTE: "a palette", _QUANTIZED: "quantized"}.get(kind, "")
