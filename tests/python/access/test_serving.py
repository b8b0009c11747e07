"""Without sign-in to this machine only; with it, only if all of it is set up."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path

import pytest

from aism import cli
from aism.errors import UsageError
from aism.sign_in import MODE, NEEDED, check_address, is_loopback, is_signed_in_app

PROJECT = Path(__file__).parents[3]
SECTION = dict.fromkeys(NEEDED, "x" * 40)


def written(folder: Path, section: dict[str, str]) -> Path:
    file = folder / "auth.toml"
    lines = [f'{key} = "{value}"' for key, value in section.items()]
    file.write_text("\n".join(["[auth]", *lines]), encoding="utf-8")
    return file


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine(address: str) -> None:
    assert is_loopback(address)
    check_address(address, is_signed_in=False)


@pytest.mark.parametrize(
    "address", ["0.0.0.0", "::", "192.168.0.7", "localhost.example.com", "", "127.0.0.1.nip.io"]
)
def test_others_need_sign_in(address: str) -> None:
    assert not is_loopback(address)
    with pytest.raises(UsageError, match="this machine only"):
        check_address(address, is_signed_in=False)
    check_address(address, is_signed_in=True)


def test_an_unknown_address_is_not_this_machine() -> None:
    assert not is_loopback(None)


@pytest.mark.parametrize("missing", NEEDED)
def test_half_a_set_up_serves_nothing(tmp_path: Path, missing: str) -> None:
    section = {key: value for key, value in SECTION.items() if key != missing}
    with pytest.raises(UsageError, match=missing):
        is_signed_in_app(written(tmp_path, section), is_asked_for=False)


def test_a_set_up_is_one_or_none(tmp_path: Path) -> None:
    assert is_signed_in_app(written(tmp_path, SECTION), is_asked_for=True)
    assert not is_signed_in_app(tmp_path / "none.toml", is_asked_for=False)
    with pytest.raises(UsageError, match="not there"):
        is_signed_in_app(tmp_path / "none.toml", is_asked_for=True)
    with pytest.raises(UsageError, match="cookie_secret"):
        is_signed_in_app(written(tmp_path, SECTION | {"cookie_secret": "x"}), is_asked_for=True)
    (tmp_path / "broken.toml").write_text("[auth", encoding="utf-8")
    with pytest.raises(UsageError, match="Cannot read"):
        is_signed_in_app(tmp_path / "broken.toml", is_asked_for=False)


@pytest.mark.parametrize(("address", "code"), [("0.0.0.0", 2), ("127.0.0.1", None)])
def test_the_command_refuses_another_address_in_demo_mode(
    warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    address: str,
    code: int | None,
) -> None:
    started: list[dict[str, str]] = []
    monkeypatch.setattr(os, "execve", lambda _, arguments, environ: started.append(environ))
    monkeypatch.setattr(os, "chdir", lambda _: None)
    monkeypatch.setenv("AISM_WAREHOUSE_DIR", str(warehouse))
    monkeypatch.setattr(sys, "argv", ["aism", "app", "--address", address])
    with pytest.raises(SystemExit) as end:
        cli.main()
    if code is None:
        assert started[0][MODE] == "demo"
    else:
        assert end.value.code == code
        assert started == []
        assert "this machine only" in capsys.readouterr().err


def test_the_settings_of_the_server_are_the_careful_ones() -> None:
    file = PROJECT / ".streamlit" / "config.toml"
    config = tomllib.loads(file.read_text(encoding="utf-8"))
    assert config["client"]["showErrorDetails"] == "none"
    assert config["client"]["toolbarMode"] == "minimal"
    assert config["browser"]["gatherUsageStats"] is False
    server = config["server"]
    assert server["enableXsrfProtection"] is True
    assert server["enableCORS"] is True
    assert server["enableAgentApi"] is False
    assert "trustedUserHeaders" not in server
    assert is_loopback(server["address"])
