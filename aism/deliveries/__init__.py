"""Checks of deliveries: is what landed whole, fresh, and like what landed before it?

They warn and never block. The import of Great Expectations is paid in `judge` alone.
"""

from aism.deliveries.check import check_deliveries, check_if_due

__all__ = ["check_deliveries", "check_if_due"]
