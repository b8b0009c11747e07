"""A report as PDF: the page of `html`, laid out for A4 without a browser."""

from __future__ import annotations

from aism.errors import UsageError
from app.components.pictures import EXTRA


def as_pdf(html: str) -> bytes:
    """Return the PDF of a self-contained page; nothing it names is fetched.

    Raises:
        UsageError: WeasyPrint or a library that it draws with is not installed.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except ImportError:
        raise UsageError(
            f"A PDF needs WeasyPrint: pip install 'ai-security-metrics[{EXTRA}]'; or use "
            "--format html."
        ) from None
    except OSError:  # it is there, what it loads is not
        raise UsageError(
            "WeasyPrint finds no Pango: install it (Debian: libpango-1.0-0 libpangoft2-1.0-0, "
            "macOS: brew install pango), or use --format html."
        ) from None
    pdf: bytes = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf()
    return pdf
