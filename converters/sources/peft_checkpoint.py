"""Read a LoRA adapter as the peft package saves it: a folder with settings and weights."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgekit.converters.sources.base import SourceError, first_line
from edgekit.errors import MissingDependencyError, UnreadableFileError

__all__ = ["AdapterError", "Checkpoint", "LowRank", "read_checkpoint"]

_CONFIGURATION, _WEIGHTS, _PICKLED = (
    "adapter_config.json",
    "adapter_model.safetensors",
    "adapter_model.bin",
)
_PREFIX = "base_model.model."
_PART = re.compile(
    r"(?P<module>.+)\.lora_(?P<part>A|B|embedding_A|embedding_B|magnitude_vector)(\.weight)?"
)
# What does not change how an adapter computes, or is taken into account here.
_KNOWN = frozenset(
    """alpha_pattern auto_mapping base_model_name_or_path bias corda_config eva_config
    exclude_modules fan_in_fan_out inference_mode init_lora_weights layers_pattern
    layers_to_transform loftq_config lora_alpha lora_dropout lora_ga_config megatron_core
    modules_to_save peft_type peft_version qalora_group_size r rank_pattern revision
    target_modules task_type use_dora use_rslora""".split()
)
# Beginnings of training that leave the weights beside the adapter as they were.
_BESIDE = (None, True, False, "gaussian", "eva", "orthogonal")


class AdapterError(SourceError):
    """An adapter that does not go with its model, or of a kind that is not merged exactly."""


@dataclass(frozen=True, slots=True)
class LowRank:
    """The low-rank update of one module: ``scale * up . down``.

    Attributes:
        module: Path of the module in the model.
        down: ``[rank, in, ...]``; of an embedding ``[rank, rows]``.
        up: ``[out, rank, ...]``.
        magnitude: Lengths of the updated weights (DoRA), or None.
        scale: ``alpha / rank``, or ``alpha / sqrt(rank)`` where its rank is stabilised.
        is_embedding: Whether its module looks rows up.
    """

    module: str
    down: Any = field(repr=False)
    up: Any = field(repr=False)
    magnitude: Any = field(repr=False)
    scale: float
    is_embedding: bool

    @property
    def rank(self) -> int:
        """Size between the two factors."""
        return int(self.down.shape[0])

    @property
    def values(self) -> int:
        """How many numbers it holds."""
        parts = [self.down, self.up, *([] if self.magnitude is None else [self.magnitude])]
        return sum(int(part.numel()) for part in parts)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An adapter as it was saved.

    Attributes:
        path: The folder.
        updates: One for each module.
        replaced: Name of a parameter -> its values, where training changed it as a whole.
    """

    path: Path
    updates: tuple[LowRank, ...]
    replaced: Mapping[str, Any] = field(repr=False)


def read_checkpoint(path: Path, *, trust_pickle: bool = False) -> Checkpoint:
    """Read the folder that ``model.save_pretrained`` of a peft model writes.

    Args:
        path: The folder.
        trust_pickle: Whether weights in a pickle may be loaded.

    Raises:
        UnreadableFileError: A file is missing, damaged or refused.
        AdapterError: It is no LoRA adapter, or of a kind that is not merged exactly.
        MissingDependencyError: safetensors is not installed.
    """
    settings = _settings(path)
    _require_known(path, settings)
    tensors = {
        name.removeprefix(_PREFIX): tensor.detach().cpu()
        for name, tensor in _tensors(path, trust_pickle=trust_pickle).items()
    }
    parts: dict[str, dict[str, Any]] = {}
    replaced = {}
    for name, tensor in tensors.items():
        match = _PART.fullmatch(name)
        if match:
            parts.setdefault(match["module"], {})[match["part"]] = tensor
        else:
            replaced[name.replace(".base_layer.", ".").replace(".modules_to_save.", ".")] = tensor
    updates = tuple(_update(path, module, parts[module], settings) for module in sorted(parts))
    return Checkpoint(path, updates, replaced)


def _settings(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        raise UnreadableFileError(
            path,
            "no such folder",
            hint=f"an adapter is the folder with {_CONFIGURATION} and {_WEIGHTS} that "
            "save_pretrained() of a peft model writes",
        )
    file = path / _CONFIGURATION
    if not file.is_file():
        raise UnreadableFileError(file, "no such file", hint="is the adapter whole?")
    try:
        settings = json.loads(file.read_bytes())
    except ValueError as error:
        raise UnreadableFileError(file, f"it is no JSON: {first_line(error)}") from error
    if not isinstance(settings, dict):
        raise UnreadableFileError(file, "it is no JSON object")
    return settings


def _require_known(path: Path, settings: Mapping[str, Any]) -> None:
    kind = settings.get("peft_type")
    if kind != "LORA":
        raise AdapterError(
            f"the adapter {path.name} is of type {kind}, not LORA",
            hint="merge it with peft's merge_and_unload(), or give the peft model itself",
        )
    unknown = sorted(name for name, value in settings.items() if value and name not in _KNOWN)
    if unknown:
        raise AdapterError(
            f"the adapter {path.name} was trained with {unknown[0]}={settings[unknown[0]]!r}",
            hint="edgekit cannot merge that exactly: use peft's merge_and_unload()",
        )
    beginning = settings.get("init_lora_weights")
    if beginning not in _BESIDE:
        raise AdapterError(
            f"the adapter {path.name} began as {beginning!r}, which changes the weights beside it",
            hint="merge it with peft's merge_and_unload(), or save it with "
            "path_initial_model_for_weight_conversion",
        )


def _tensors(path: Path, *, trust_pickle: bool) -> dict[str, Any]:
    file = path / _WEIGHTS
    if not file.is_file():
        return _pickled(path, trust_pickle=trust_pickle)
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ModuleNotFoundError as error:
        raise MissingDependencyError("safetensors", extra="torch", purpose="an adapter") from error
    try:
        return dict(load_file(file))
    except (SafetensorError, OSError) as error:
        raise UnreadableFileError(
            file,
            f"it is truncated or no safetensors file: {first_line(error)}",
            hint="copy or save the adapter again",
        ) from error


def _pickled(path: Path, *, trust_pickle: bool) -> dict[str, Any]:
    import torch

    file = path / _PICKLED
    if not file.is_file():
        raise UnreadableFileError(path / _WEIGHTS, "no such file", hint="is the adapter whole?")
    if not trust_pickle:
        raise UnreadableFileError(
            file,
            "it is a pickle, which can run any code when loaded",
            hint=f"save the adapter as {_WEIGHTS}, or pass --trust-pickle if you trust where it "
            "comes from",
        )
    try:
        return dict(torch.load(file, map_location="cpu", weights_only=True))
    except Exception as error:
        raise UnreadableFileError(
            file, f"torch.load cannot read it: {first_line(error)}"
        ) from error


def _update(
    path: Path, module: str, parts: Mapping[str, Any], settings: Mapping[str, Any]
) -> LowRank:
    is_embedding = "embedding_A" in parts
    names = ("embedding_A", "embedding_B") if is_embedding else ("A", "B")
    missing = [name for name in names if name not in parts]
    if missing:
        raise AdapterError(
            f"the adapter {path.name} has no lora_{missing[0]} for '{module}'",
            hint="is it whole? save it again",
        )
    down, up = (parts[name] for name in names)
    rank = _setting(settings, "rank_pattern", "r", module)
    if not (down.ndim >= 2 and up.ndim >= 2 and down.shape[0] == up.shape[1] == rank):
        raise AdapterError(
            f"the adapter's shapes for '{module}' do not fit its rank {rank}: "
            f"{tuple(down.shape)} and {tuple(up.shape)}",
            hint=f"do {_CONFIGURATION} and {_WEIGHTS} belong together?",
        )
    magnitude = parts.get("magnitude_vector")
    if (magnitude is not None) != bool(settings.get("use_dora")):
        raise AdapterError(
            f"the adapter says use_dora={settings.get('use_dora')}, but '{module}' has "
            f"{'a' if magnitude is not None else 'no'} magnitude vector",
            hint=f"do {_CONFIGURATION} and {_WEIGHTS} belong together?",
        )
    alpha = _setting(settings, "alpha_pattern", "lora_alpha", module)
    divisor = math.sqrt(rank) if settings.get("use_rslora") else rank
    return LowRank(module, down, up, magnitude, alpha / divisor, is_embedding)


def _setting(settings: Mapping[str, Any], patterns: str, name: str, module: str) -> float:
    """Return a number that patterns of module names may override, as peft matches them."""
    value = settings.get(name)
    for pattern, given in (settings.get(patterns) or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            value = given
            break
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AdapterError(
            f"{_CONFIGURATION} says {name}={value!r}, not a number", hint="save the adapter again"
        )
    return value
