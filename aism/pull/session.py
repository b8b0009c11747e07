"""The HTTP session under dlt's REST client: one host, bounded answers, patience with faults."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase

from aism.pull.address import Address
from aism.pull.model import Patience, PullError
from aism.pull.secrets import Secret

_CHUNK: Final = 1 << 16
_REDIRECTS: Final = 5
_TOLD: Final = 300
_AGAIN: Final = frozenset({408, 425, 429, *range(500, 600)})
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_DIGITS: Final = re.compile(r"[0-9]{1,11}")
_MESSAGES: Final = ("errorMessages", "message", "detail", "error")


class TokenAuth(AuthBase):
    """Sends the token in its header; it is in no ``repr``."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._secret.header
        return request


class _Faulty(Exception):  # noqa: N818 - a fault that may pass is no error yet
    """A fault that may pass; ``wait`` is what the server asks for, in seconds."""

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.wait = wait


class GuardedSession(requests.Session):
    """Asks one tracker only, and returns whole JSON answers or raises ``PullError``."""

    def __init__(
        self,
        address: Address,
        secret: Secret,
        patience: Patience,
        on_wait: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._address = address
        self._secret = secret
        self._patience = patience
        self._on_wait = on_wait
        self._asked: set[str] = set()
        self.headers["User-Agent"] = "ai-security-metrics"
        if address.is_loopback:
            self.trust_env = False  # a proxy would carry the token off this machine

    def begin_listing(self) -> None:
        """Forget which pages were asked for: a new list begins."""
        self._asked.clear()

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Name none: ``send`` follows by itself, and reads no body without a bound."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send ``request``, follow redirects on the same host, wait and try again on faults.

        Raises:
            PullError: another host, a page that was asked for before, an answer that is too
                large, no JSON or an error, or faults that do not pass.

        """
        if request.url in self._asked:
            raise PullError("The tracker's list turns in a circle: it names the same page again.")
        self._asked.add(request.url or "")
        for _ in range(_REDIRECTS + 1):
            if not self._address.holds(request.url or ""):
                raise PullError(
                    f"{self._address.host} sends on to {self._shown_origin(request.url)}. The "
                    "token is not sent there. If that is the tracker, give it as --url."
                )
            response = self._send_patiently(request, **kwargs)
            if response.status_code not in _MOVED:
                self._check(response, request)
                return response
            request = request.copy()
            request.url = urljoin(request.url or "", response.headers.get("Location", ""))
        raise PullError("The tracker redirects in a circle: check --url.")

    def _send_patiently(
        self, request: requests.PreparedRequest, **kwargs: Any
    ) -> requests.Response:
        patience = self._patience
        for attempt in range(1, patience.attempts + 1):
            try:
                return self._send_once(request, **kwargs)
            except _Faulty as fault:
                wait = float(2 ** (attempt - 1)) if fault.wait is None else fault.wait
                if attempt == patience.attempts:
                    raise PullError(
                        f"The tracker did not answer in {attempt} tries: {fault}. Try again later."
                    ) from None
                if wait > patience.longest_wait:
                    raise PullError(
                        f"The tracker asks to wait {wait:,.0f} s ({fault}). Try again then."
                    ) from None
                self._on_wait(f"{fault}: waiting {wait:,.0f} s")
                patience.sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _send_once(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        patience = self._patience
        kwargs |= {
            "stream": True,
            "allow_redirects": False,
            "timeout": (patience.connect_timeout, patience.read_timeout),
        }
        try:
            response = super().send(request, **kwargs)
            with response:
                body = self._read(response)
        except requests.exceptions.SSLError:
            raise PullError(
                f"The certificate of {self._address.host} is not trusted. Set REQUESTS_CA_BUNDLE "
                "to the authority of your organisation."
            ) from None
        except (
            requests.exceptions.ConnectionError,
            requests.exceptions.Timeout,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ) as error:
            raise _Faulty(_words_of(error)) from None
        except requests.exceptions.RequestException as error:
            raise PullError(f"The tracker cannot be asked: {type(error).__name__}.") from None
        response._content = body  # so that nobody reads the closed stream
        wait = self._wait_for(response)
        if response.status_code in _AGAIN or wait is not None:
            raise _Faulty(f"status {response.status_code}", wait)
        if response.status_code == requests.codes.ok and _is_cut(response):
            raise _Faulty("an answer that is cut")
        return response

    def _read(self, response: requests.Response) -> bytes:
        """Read an answer; unpacked, so that a small one cannot grow without bound."""
        parts: list[bytes] = []
        size = 0
        began = time.monotonic()
        for chunk in response.iter_content(_CHUNK):
            size += len(chunk)
            if size > self._patience.answer_bytes:
                raise PullError(
                    f"One answer is over {self._patience.answer_bytes // 2**20:,} MB: ask for less."
                )
            if time.monotonic() - began > self._patience.answer_timeout:
                raise _Faulty("an answer that does not end")
            parts.append(chunk)
        return b"".join(parts)

    def _wait_for(self, response: requests.Response) -> float | None:
        """Return how long the server asks to wait, None where it does not.

        ``Retry-After`` is of RFC 9110; the two others are GitHub's, which says 403 as well as 429
        when a quota is used up.
        """
        if response.status_code not in (*_AGAIN, 403):
            return None
        now = self._patience.now()
        if said := response.headers.get("Retry-After", "").strip():
            if _DIGITS.fullmatch(said):
                return float(said)
            try:
                until = parsedate_to_datetime(said)
                until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
                return max(0.0, (until - now).total_seconds())
            except (ValueError, TypeError, OverflowError):
                pass
        reset = response.headers.get("X-RateLimit-Reset", "").strip()
        is_used_up = response.headers.get("X-RateLimit-Remaining", "").strip() == "0"
        if is_used_up and _DIGITS.fullmatch(reset):
            return max(0.0, float(reset) - now.timestamp()) + 1
        return None

    def _check(self, response: requests.Response, request: requests.PreparedRequest) -> None:
        status, where = response.status_code, urlsplit(request.url or "").path
        if self._secret.is_in(response.content):
            raise PullError("The tracker's answer holds the token itself: it is not written down.")
        if status == 401:
            raise PullError(
                f"{self._address.host} does not take the token (401): check "
                f"{self._secret.variables}, and that the token has not expired."
            )
        if status == 403:
            raise PullError(
                f"The token may not read {where} (403): give it the right to read, or ask for "
                f"less.{self._told_by(response)}"
            )
        if status in (404, 410):
            raise PullError(
                f"{self._address.host} has no {where} ({status}): check --url and what you ask "
                f"for; trackers also say so of what a token may not see.{self._told_by(response)}"
            )
        if status != requests.codes.ok:
            raise PullError(f"The tracker answers {where} with {status}.{self._told_by(response)}")
        if not _is_json(response):
            raise PullError(
                f"The tracker answers {where} with a web page, not with JSON. That is usually a "
                "page to log in: check --url (and its path, if the tracker is not at the root) "
                f"and {self._secret.variables}."
            )

    def _told_by(self, response: requests.Response) -> str:
        """Return what the tracker says of an error, cut and without the token."""
        try:
            said = json.loads(response.content)
        except (ValueError, RecursionError):
            return ""
        if not isinstance(said, dict):
            return ""
        found = next((said[key] for key in _MESSAGES if said.get(key)), None)
        texts = found if isinstance(found, list) else [found]
        text = " ".join(one for one in texts if isinstance(one, str))
        text = " ".join(self._secret.hide_in(text).split())
        return f' It says: "{text[:_TOLD]}"' if text else ""

    def _shown_origin(self, url: str | None) -> str:
        parts = urlsplit(url or "")
        return self._secret.hide_in(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"[:_TOLD])


def _is_json(response: requests.Response) -> bool:
    try:
        return isinstance(json.loads(response.content), dict | list)
    except (ValueError, RecursionError):
        return False


def _is_cut(response: requests.Response) -> bool:
    """Tell an answer that says it is JSON and is none."""
    said = response.headers.get("Content-Type", "").lower()
    return "json" in said and not _is_json(response)


def _words_of(error: Exception) -> str:
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "the connection failed or was cut"
    return "the answer was cut"
