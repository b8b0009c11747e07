"""Landing: files become typed records in the lake, or quarantine entries with a reason."""

from aism.land.landing import LandingError, LandResult, land

__all__ = ["LandResult", "LandingError", "land"]
