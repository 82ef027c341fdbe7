"""What a bundle's members may be called and how big they may be, and the error for the rest."""

from pathlib import Path

from edgekit.errors import EdgekitError

__all__ = [
    "LABELS_MEMBER",
    "MANIFEST_MEMBER",
    "MAX_MANIFEST_BYTES",
    "MAX_MEMBERS",
    "MAX_MEMBER_BYTES",
    "MAX_TOTAL_BYTES",
    "MODEL_MEMBER",
    "BundleError",
    "name_problem",
]

MANIFEST_MEMBER = "manifest.json"
MODEL_MEMBER = "model.tflite"
LABELS_MEMBER = "labels.txt"

MAX_MANIFEST_BYTES = 4 << 20  # 4 MiB
MAX_MEMBER_BYTES = 1 << 30  # 1 GiB
MAX_TOTAL_BYTES = 2 << 30  # 2 GiB, all members together
MAX_MEMBERS = 256


class BundleError(EdgekitError):
    """A bundle that cannot be trusted, read or written.

    Args:
        path: The bundle.
        why: What is wrong.
        member: The member that is at fault, None where it is the file itself.
        hint: What to do next.
    """

    def __init__(
        self, path: Path, why: str, *, member: str | None = None, hint: str | None = None
    ) -> None:
        where = "" if member is None else f", member {member!r}"
        super().__init__(f"bundle {path}{where}: {why}", hint=hint)
        self.path = path
        self.member = member
        self.why = why


def name_problem(name: str) -> str | None:
    """Return why ``name`` may not be a member's path, or None when it may."""
    parts = name.split("/")
    if not name.isprintable():
        return "its name has characters that cannot be printed"
    if "\\" in name:
        return "its name has a backslash"
    if name.startswith("/") or ":" in parts[0]:
        return "its name is an absolute path"
    if ".." in parts:
        return "its name leads out of the bundle ('..')"
    if "" in parts or "." in parts:
        return "its name is not that of a file"
    return None
