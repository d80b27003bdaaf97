"""Expected refusals of setting the look."""

from __future__ import annotations

from zhiren.errors import InvalidInput


class LookRefused(InvalidInput):
    code = "site.look_refused"
