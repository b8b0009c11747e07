"""S12. The app's source: markdown is made of our own words and of text made safe."""

from __future__ import annotations

import ast
from typing import Final

import pytest

from tests.python.compiled import PROJECT
from tests.trust.conftest import Control, Measure
from tests.trust.security.markup import findings, read

APP: Final = read(PROJECT / "app")
FORBIDDEN: Final = frozenset(
    [
        "html",
        "write",
        "table",
        "exception",
        "iframe",
        "link_button",
        "write_stream",
        "chat_message",
        "latex",
    ]
)
READ_BY_PEOPLE: Final = {
    (
        "app_pages/explorer.py",
        "f\"**Reads**: {BETTER.get(metric['direction'], plain(metric['direction']))}, {p"
        "lain(metric['indicator'])}, {MEASURES.get(metric['measures'], '')}\"",
    ),
    ("app_pages/explorer.py", "f'{card_words.basis(card)} · {words}'"),
    ("app_pages/overview.py", "f'{title}, rolling 12 months'"),
    ("app_pages/overview.py", "facts"),
    ("app_pages/overview.py", "name"),
    ("app_pages/overview.py", "title"),
    (
        "app_pages/security.py",
        "f\"Of {row['classified_incidents']:,.0f} with a known weakness: {', '.join(words)}\"",
    ),
    ("components/drill_down.py", "LABELS.get(str(column), str(column))"),
    ("components/drill_down.py", "listing.empty"),
    ("components/drill_down.py", "listing.note"),
    ("components/drill_down.py", "title"),
    (
        "components/frame.py",
        "_published(generation) + ('Demo mode: no sign-in is configured, so this app is "
        "served to this machine only (127.0.0.1).' if identity.is_demo() else '')",
    ),
    ("components/grid.py", "(labels or {}).get(str(column))"),
    ("components/metric_card.py", "words"),
    (
        "components/scorecard.py",
        "f\":{color}[**{marked(row['gate_verdict'])}**] · {plain(version)}\"",
    ),
    ("components/scorecard.py", "f'**{rate}** of the {name}: {counted}'"),
    ("components/scorecard.py", "f'No test in this time, or `program/{file}.csv` does not say.'"),
    ("components/scorecard.py", "f'Open the {name}'"),
    ("components/scorecard.py", "f'○ {name.capitalize()}: {NOT_MEASURED}'"),
    ("gate.py", "f'Signed in as {plain(access.email)}, {role}{team}.'"),
    ("gate.py", "state.value"),
    ("reports/parts.py", "note"),
}
"""What the check cannot follow, as it stands: a change has it read again."""


def test_nothing_from_data_is_read_as_markdown(measure: Measure) -> None:
    found = {(one.file, one.source) for one in findings(APP)}
    assert found - READ_BY_PEOPLE == set(), "use `plain`, or have it read"
    assert READ_BY_PEOPLE - found == set(), "no longer there"
    measure("S12", modules=len(APP), findings=0, read_by_people=len(found))


def test_nothing_lets_html_or_tables_of_markdown_in() -> None:
    for name, source in APP:
        assert "unsafe_allow_html" not in source, name
        assert "allow_html" not in source, name
        named = {  # called, or put on a sheet to be called later
            node.attr
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("st", "streamlit", "components")
        }
        assert not named & FORBIDDEN, name


UNSAFE: Final = (
    "def show(row):\n    st.markdown(row['title'])",
    "def show(row):\n    st.markdown(f\"{row['title']}\")",
    "def show(row):\n    text = row['title']\n    st.markdown('**' + text)",
    "def show(rows):\n    words = [row['title'] for row in rows]\n    st.info(', '.join(words))",
    "def show(name: str):\n    st.metric(name, 1)",
    "def show(name: str):\n    st.button(label=name)",
    "def note(markdown: str):\n    st.markdown(markdown)\ndef show(row):\n    note(row['title'])",
    "def words(row):\n    return row['title']\ndef show(row):\n    st.markdown(words(row))",
    "def show(page, row):\n    page.put(st.info, row['title'])",
    "class Sheet:\n    def lines(self, *markdown: str):\n        pass\n"
    "def show(page, row):\n    page.lines('words', row['title'])",
    "def show(row):\n    help_text = str(row)\n    st.metric('x', 1, help=help_text)",
)
SAFE: Final = (
    "def show(row):\n    st.markdown(plain(row['title']))",
    "def show(row):\n    st.markdown(f'{row:%Y} and {len(row)}')",
    "def words(row):\n    return plain(row)\ndef show(row):\n    st.markdown(words(row))",
)


@pytest.mark.parametrize("source", UNSAFE)
def test_text_from_data_is_noticed(source: str, control: Control) -> None:
    control("a call that shows text from data is noticed", len(findings([("x.py", source)])) == 1)


@pytest.mark.parametrize("source", SAFE)
def test_text_made_safe_is_not(source: str) -> None:
    assert findings([("x.py", source)]) == []
