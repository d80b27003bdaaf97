"""Expected refusals. Each has a stable ``code`` that API clients may rely on, and says what to do now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class ZhirenError(Exception):
    """A refusal the user is meant to read.

    ``code`` and ``status`` are fixed by the class and never change once published; ``message`` says what happened and
    where, ``hint`` what to do now, both already translated for the reader; ``fields`` maps a form field to what is
    wrong with it; ``params`` are figures for programs. Rendered once, in ``zhiren.web.problems``.
    """

    code: ClassVar[str] = "zhiren.error"
    status: ClassVar[int] = 400

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        fields: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fields = dict(fields or {})
        self.params = dict(params or {})


class InvalidInput(ZhirenError):
    code = "zhiren.invalid_input"
    status = 422


class NotFound(ZhirenError):
    code = "zhiren.not_found"
    status = 404


class Forbidden(ZhirenError):
    code = "zhiren.forbidden"
    status = 403


class NotSignedIn(ZhirenError):
    code = "zhiren.not_signed_in"
    status = 401


class Conflict(ZhirenError):
    code = "zhiren.conflict"
    status = 409


class PreconditionFailed(ZhirenError):
    """The row changed since the caller read it (RFC 9110, 13.1.1)."""

    code = "zhiren.precondition_failed"
    status = 412


class TooManyRequests(ZhirenError):
    code = "zhiren.too_many_requests"
    status = 429


class Unavailable(ZhirenError):
    """A service this one stands on does not answer; nothing was changed."""

    code = "zhiren.unavailable"
    status = 503


class KeyServiceUnavailable(Unavailable):
    code = "zhiren.key_service_unavailable"
