"""Other engines than DuckDB: how the lake comes to them (docs/other-engines.md)."""
