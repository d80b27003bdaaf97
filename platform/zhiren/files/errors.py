"""Expected refusals of storing and reading files."""

from __future__ import annotations

from zhiren.errors import InvalidInput, NotFound


class FileNotFound(NotFound):
    """No such file of this room; erased ones are as if they had never been."""

    code = "files.not_found"


class FileTooLarge(InvalidInput):
    code = "files.too_large"
    status = 413
