"""The same models on other engines."""
