"""How fast, how much memory, against what: `make bench`."""
