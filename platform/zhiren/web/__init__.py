"""Pages and API: what rooms above need of the web."""

from zhiren.web.api import Cursor, Listing, check_if_match, etag, keyset
from zhiren.web.pages import Page, Redirect, local_path, page, redirect

__all__ = [
    "Cursor",
    "Listing",
    "Page",
    "Redirect",
    "check_if_match",
    "etag",
    "keyset",
    "local_path",
    "page",
    "redirect",
]
