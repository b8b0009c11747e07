"""Organisations that look better than they are, one for each alarm, and one that is honest."""
