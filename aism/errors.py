"""Errors that are messages: each carries the exit code of the command line."""

from __future__ import annotations

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_LOCKED = 75


class AismError(Exception):
    """Something a person can act on; its text is all they see."""

    exit_code = EXIT_FAILED


class UsageError(AismError):
    """The command, a setting or a folder is not what it must be."""

    exit_code = EXIT_USAGE


class BuildFailedError(AismError):
    """dbt could not build, or a blocking test failed."""


class AuditError(AismError):
    """What was built must not be published."""


class LockedError(AismError):
    """Another process builds or publishes here."""

    exit_code = EXIT_LOCKED
