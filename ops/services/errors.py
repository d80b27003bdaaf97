"""What can keep a service from starting."""

from __future__ import annotations


class ServiceError(Exception):
    """A service cannot be started or reached. ``message`` says which and why, ``hint`` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint
