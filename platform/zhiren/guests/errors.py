"""Expected refusals of guests' log-in and of signed links."""

from __future__ import annotations

from zhiren.errors import NotFound, NotSignedIn, TooManyRequests, ZhirenError


class CodeRefused(NotSignedIn):
    """Wrong, used, too old or never sent: one answer for all."""

    code = "guests.code_refused"


class CodeLocked(TooManyRequests):
    """Five wrong codes for one address, known or not."""

    code = "guests.code_locked"


class TooManyCodes(TooManyRequests):
    code = "guests.too_many_codes"


class LinkInvalid(NotFound):
    """A signed link that was changed, or belongs to another customer or purpose."""

    code = "guests.link_invalid"


class LinkExpired(ZhirenError):
    code = "guests.link_expired"
    status = 410
