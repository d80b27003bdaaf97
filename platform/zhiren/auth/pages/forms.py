"""Reading plain forms: text, with an end."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request

from zhiren.web.pages import local_path

AnyRequest = Request[Any, Any, Any]
#: no field of ours is longer
_TEXT_MAX = 2000


class Form:
    """A posted form as text. A missing field is empty, a field sent twice gives the last, files are nobody's here."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def __getitem__(self, name: str) -> str:
        return next((value for key, value in reversed(self._pairs) if key == name), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name]

    def starting(self, prefix: str) -> dict[str, str]:
        """Fields whose names begin with ``prefix``, by the rest of the name."""
        return {key.removeprefix(prefix): value for key, value in self._pairs if key.startswith(prefix)}


async def read_form(request: AnyRequest) -> Form:
    form = await request.form()
    return Form([(name, value[:_TEXT_MAX]) for name, value in form.multi_items() if isinstance(value, str)])


def next_path(value: str) -> str:
    """Where to go on after logging in: never elsewhere, and not back to the way in or out."""
    path = local_path(value)
    return "/" if path.startswith(("/login", "/logout", "/reauth")) else path


def with_next(path: str, following: str) -> str:
    return path if following == "/" else f"{path}?next={quote(following, safe='/')}"
