"""The sample organisation: what a new user of the warehouse opens first."""
