"""S11. The app as `aism app` serves it: what is asked of the running server, not of a file."""

from __future__ import annotations

import json
import socket
import urllib.request
from email.message import Message
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest

from tests.trust.conftest import Control, Measure
from tests.trust.security.conftest import Served

UNSERVED: Final = (
    "_stcore/agent",
    "_stcore/agent/v1",
    "_stcore/agent/run",
    "app/static/config.toml",
    "app/static/../../pyproject.toml",
    "..%2f..%2fpyproject.toml",
    "%2e%2e/%2e%2e/pyproject.toml",
    "static/..%2f..%2f..%2fpyproject.toml",
    "component/x/../../../pyproject.toml",
    ".streamlit/secrets.toml",
)


def get(url: str, **headers: str) -> tuple[int, Message, bytes]:
    """Return status, headers and body, of an error, too."""
    request = urllib.request.Request(url, headers=headers)  # loopback
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        return error.code, error.headers, error.read()


def test_it_listens_on_this_machine_only(served: Served) -> None:
    port = urlsplit(served.url).port
    assert port is not None
    others = {
        str(info[4][0])
        for info in socket.getaddrinfo(socket.gethostname(), port, family=socket.AF_INET)
    } - {"127.0.0.1"}
    for address in [*others, "127.0.0.2"]:
        with pytest.raises(OSError):  # noqa: PT011  # refused or unreachable, by the system
            socket.create_connection((address, port), 2)
    with socket.create_connection(("127.0.0.1", port), 5):
        pass


@pytest.mark.parametrize("path", UNSERVED)
def test_what_is_not_served(served: Served, path: str, measure: Measure) -> None:
    status, _, body = get(f"{served.url}/{path}")
    is_the_app = status == 200 and b"<title>Streamlit</title>" in body
    assert is_the_app or status in (400, 403, 404, 405), status
    for told in (b"[project]", b"cookie_secret", b"streamlit_sessions", b'"tools"'):
        assert told not in body
    measure("S11", checks=1, addresses=1)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_is_uploaded_without_the_token(served: Served, method: str) -> None:
    request = urllib.request.Request(
        f"{served.url}/_stcore/upload_file/session/file", data=b"x", method=method
    )
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code in (400, 403, 404, 405)


def test_another_site_may_not_read_it(served: Served) -> None:
    for path in ("", "_stcore/health", "_stcore/host-config"):
        _, headers, _ = get(f"{served.url}/{path}", Origin="http://evil.test")
        assert headers.get("Access-Control-Allow-Origin") in (None, served.url)


def handshake(served: Served, origin: str) -> bytes:
    """Return the first line that the app answers a WebSocket of a page at ``origin`` with."""
    host = urlsplit(served.url).netloc
    name, _, port = host.partition(":")
    with socket.create_connection((name, int(port)), 30) as line:
        line.sendall(
            (
                f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            ).encode()
        )
        return line.recv(200).partition(b"\r\n")[0]


def test_another_site_may_not_open_its_socket(served: Served, control: Control) -> None:
    assert b"403" in handshake(served, "http://evil.test")
    control("its own page may", b"101" in handshake(served, served.url))


def test_no_usage_is_told_and_no_host_may_command_it(served: Served) -> None:
    status, _, body = get(f"{served.url}/_stcore/host-config")
    assert status == 200
    assert not json.loads(body).get("enableCustomParentMessages")
    assert not json.loads(body).get("useExternalAuthToken")


def test_the_servers_own_counters_tell_nothing_of_the_data(served: Served) -> None:
    """Streamlit always serves them; the proxy in docs/access.md does not pass them on."""
    status, _, body = get(f"{served.url}/_stcore/metrics")
    assert status == 200
    for told in (b"support-bot", b"generation-", b"select ", b"beacon.test"):
        assert told not in body
