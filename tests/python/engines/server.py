"""A PostgreSQL server of our own: a private folder, a Unix socket, no network, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

USER = "aism"


def server_programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, the newest where there are several."""
    folders = [
        Path(found).parent for found in [shutil.which("initdb")] if found is not None
    ] + sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: int(folder.parent.name),
        reverse=True,
    )
    complete = (
        folder
        for folder in folders
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists()
    )
    return next(complete, None)


class Server:
    """A running server; all its databases sort by code point."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket

    def environment(self, database: str) -> dict[str, str]:
        """Return the settings that `aism load` and dbt's target `postgres` read."""
        return {
            "AISM_POSTGRES_HOST": str(self.socket),
            "AISM_POSTGRES_PORT": "5432",
            "AISM_POSTGRES_USER": USER,
            "AISM_POSTGRES_DATABASE": database,
        }

    @contextmanager
    def connected(self, database: str = "postgres", user: str = USER) -> Iterator[Any]:
        """Yield a cursor that commits each statement."""
        connection = psycopg2.connect(host=str(self.socket), user=user, dbname=database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def create(self, database: str) -> None:
        """Make a database as docs/other-engines.md says."""
        with self.connected() as cursor:
            cursor.execute(
                f"create database {database} encoding 'UTF8' lc_collate 'C' "
                "lc_ctype 'C.UTF-8' template template0"
            )
            cursor.execute(f"alter database {database} set timezone = 'UTC'")
            cursor.execute(f"alter database {database} set jit = off")


@contextmanager
def running_server(programs: Path) -> Iterator[Server]:
    """Start a server and stop it at the end. It refuses to run as root: another user owns it."""
    # Not below pytest's own folder: only its owner may enter that one.
    folder = Path(tempfile.mkdtemp(prefix="aism-postgres-"))
    user = None
    if os.geteuid() == 0:
        user = "postgres" if "postgres" in {entry.pw_name for entry in pwd.getpwall()} else "nobody"
        shutil.chown(folder, user)

    def run(*arguments: str) -> None:
        done = subprocess.run(
            [str(programs / arguments[0]), *arguments[1:]],
            user=user,
            extra_groups=None if user is None else [],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    data = str(folder / "data")
    try:
        run(
            *("initdb", "--pgdata", data, "--username", USER, "--auth", "trust"),
            *("--encoding", "UTF8", "--lc-collate", "C", "--lc-ctype", "C.UTF-8", "--no-sync"),
        )
        # Its folder goes when the tests end: nothing has to survive a power cut.
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        log = str(folder / "log")
        run("pg_ctl", "--pgdata", data, "--log", log, "--options", options, "--wait", "start")
        try:
            yield Server(folder)
        finally:
            run("pg_ctl", "--pgdata", data, "--mode", "immediate", "--wait", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
