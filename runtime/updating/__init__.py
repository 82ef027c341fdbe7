"""Over-the-air updates: a store of verified versions, and a model that is swapped while in use."""

from edgekit.runtime.updating.errors import (
    NoModelError,
    SelfTestError,
    SignatureError,
    StoreError,
    UpdateRefusedError,
)
from edgekit.runtime.updating.golden import add_golden, self_test
from edgekit.runtime.updating.live import LiveModel
from edgekit.runtime.updating.store import LoadedVersion, ModelStore, StoreState

__all__ = [
    "LiveModel",
    "LoadedVersion",
    "ModelStore",
    "NoModelError",
    "SelfTestError",
    "SignatureError",
    "StoreError",
    "StoreState",
    "UpdateRefusedError",
    "add_golden",
    "self_test",
]
