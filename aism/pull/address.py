"""Addresses of trackers: which one may be asked, and that no other one is."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from aism.errors import UsageError

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")
_PATH = re.compile(r"[A-Za-z0-9._~/-]*")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """The tracker that a pull asks: ``base`` has no slash at its end."""

    base: str
    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        return _is_loopback(self.host)

    def holds(self, url: str) -> bool:
        """Tell whether ``url`` is of the same scheme, host and port, spelt plainly.

        Parsers differ in what they make of users, backslashes and blanks: none may stand there.
        """
        if "\\" in url or not url.isprintable():
            return False
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        spellings = {f"{self.host}:{self.port}"}
        if self.port == _PORTS[self.scheme]:
            spellings.add(self.host)
        return parts.scheme == self.scheme and parts.netloc.lower() in spellings


def parse_address(url: str, *, insecure: bool = False) -> Address:
    """Check an address that a person gave.

    Raises:
        UsageError: no http or https address, one with a password or a query in it, or plain http
            to another machine without ``insecure``.

    """
    text = url.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        scheme, host, port = _origin(parts)
    except ValueError:
        raise UsageError("--url takes an address such as https://tracker.example.com.") from None
    # What was given is not repeated: it may hold a password.
    if "@" in text or parts.query or parts.fragment:
        raise UsageError(
            "--url takes the address alone: no user, password, ? or #. The token comes from the "
            "environment."
        )
    if scheme not in _PORTS or not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path):
        raise UsageError("--url takes an address such as https://tracker.example.com.")
    if scheme == "http" and not insecure and not _is_loopback(host):
        raise UsageError(
            "--url is plain http: anyone on the way could read the token. Give https, or "
            "--insecure if you are sure."
        )
    return Address(text, scheme, host, port)


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    return parts.scheme, host, parts.port or _PORTS.get(parts.scheme, 0)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
