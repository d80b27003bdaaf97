"""Where a form of logging in leads next."""

from __future__ import annotations

from urllib.parse import quote

from zhiren.web.fields import AnyRequest, Form, read_form
from zhiren.web.pages import local_path

__all__ = ["AnyRequest", "Form", "next_path", "read_form", "with_next"]


def next_path(value: str) -> str:
    """Where to go on after logging in: never elsewhere, and not back to the way in or out."""
    path = local_path(value)
    return "/" if path.startswith(("/login", "/logout", "/reauth")) else path


def with_next(path: str, following: str) -> str:
    return path if following == "/" else f"{path}?next={quote(following, safe='/')}"
