"""The pages of the app, in the order of the navigation."""

from __future__ import annotations

from typing import Final

PAGES: Final = (
    ("overview", "Executive overview", "overview"),
    ("security", "Security leadership", "security"),
    ("engineering", "Engineering leadership", "engineering"),
    ("product", "AI product teams", "product"),
    ("board", "Board", "board"),
    ("attacks", "Attack success", "attack-success"),
    ("explorer", "Metric explorer", "explorer"),
    ("trust", "Data trust", "trust"),
)
"""Module in app.app_pages, title, address. The first is the start page."""
