"""What every answer carries at its head: which program, which evidence, which luck, whose work."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from follicast.evidence.library import evidence


def heading(seed: int | None, sources: list[str], warnings: list[str]) -> dict[str, Any]:
    """Return the keys that all answers share; `seed` is None where no luck was drawn."""
    return {
        "version": version("follicast"),
        "evidence_version": evidence().version,
        "seed": seed,
        "sources": sources,
        "warnings": warnings,
    }
