"""Landing: files become typed records in the lake, or quarantine entries with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aism.land.landing import LandingError, LandResult, land

__all__ = ["LandResult", "LandingError", "land"]


def __getattr__(name: str) -> Any:
    """Import landing when it is asked for: the processes that read lines start without it."""
    if name in __all__:
        from aism.land import landing

        return getattr(landing, name)
    raise AttributeError(name)
