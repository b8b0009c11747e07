"""Readers of what is published: other versions of DuckDB."""
