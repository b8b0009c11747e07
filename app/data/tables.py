"""Tables and lists of the pages by name: fixed statements, of which a page binds the values."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd
import streamlit as st

from app.data.connection import Generation, frame
from app.data.sql_attacks import ATTACKS
from app.data.sql_board import BOARD
from app.data.sql_engineering import ENGINEERING
from app.data.sql_explorer import EXPLORER
from app.data.sql_product import PRODUCT
from app.data.sql_reports import REPORTS
from app.data.sql_security import SECURITY
from app.data.sql_trust import TRUST

STATEMENTS: Final = TRUST | ENGINEERING | ATTACKS | EXPLORER | SECURITY | BOARD | PRODUCT | REPORTS
"""Statements by name. A statement names what it binds; `$of` narrows a list, null does not."""

_PARAMETER: Final = re.compile(r"\$(\w+)")


@st.cache_data(max_entries=400, show_spinner=False)
def table(generation: Generation, name: str, **values: object) -> pd.DataFrame:
    """Return the answer to a statement; what it names and is not given is null.

    Raises:
        KeyError: no statement has this name.
    """
    sql = STATEMENTS[name]
    return frame(generation, sql, {key: values.get(key) for key in _PARAMETER.findall(sql)})
