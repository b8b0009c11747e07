"""Denies a process, and those it starts, every address but this machine's, and keeps a record.

Python reads a module of this name at start when its folder is on PYTHONPATH. AISM_TEST_CALLS names
the file of the record: one line per process, and one per address that was asked for.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any

CALLS = os.environ.get("AISM_TEST_CALLS")


def keep(line: str) -> None:
    """Add a line to the record, below the level that the hook looks at."""
    descriptor = os.open(str(CALLS), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


def is_here(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse to look up or to connect to another machine."""
    host: object = None
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[-1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    if not is_here(host):
        keep(f"{event} {host}")
        raise PermissionError(f"{event}: {host} is another machine")


if CALLS:
    sys.addaudithook(watch)
    keep("process")
