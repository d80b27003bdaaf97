"""Expected refusals of logging in and of managing who may."""

from __future__ import annotations

from zhiren.errors import Conflict, Forbidden, InvalidInput, NotSignedIn, TooManyRequests, ZhirenError


class LoginRefused(NotSignedIn):
    """Unknown log-in, wrong password, disabled account: one answer for all, so that none can be told apart."""

    code = "auth.login_refused"


class LoginLocked(TooManyRequests):
    code = "auth.login_locked"


class TooManyAttempts(TooManyRequests):
    code = "auth.too_many_attempts"


class LoginBusy(ZhirenError):
    """More passwords wait to be checked than this process admits."""

    code = "auth.busy"
    status = 503


class WeakPassword(InvalidInput):
    code = "auth.weak_password"


class LoginTaken(Conflict):
    code = "auth.login_taken"


class SecondFactorRefused(NotSignedIn):
    code = "auth.second_factor_refused"


class ReauthenticationRequired(Forbidden):
    """A sensitive act, and the password was last given more than ten minutes ago."""

    code = "auth.reauthentication_required"


class TokenRefused(NotSignedIn):
    """An access token that is unknown, over or revoked, or whose owner may not log in: one answer for all."""

    code = "auth.token_refused"


class NotByToken(Forbidden):
    """A sensitive act, which a person confirms with their password; a program cannot."""

    code = "auth.not_by_token"


class NewPasswordDue(Forbidden):
    """The password was chosen by somebody else and is replaced first, in the browser."""

    code = "auth.new_password_due"


class LastAdministrator(Conflict):
    code = "auth.last_administrator"


class GrantExceeded(Forbidden):
    """Somebody hands out a right that they do not hold."""

    code = "auth.grant_exceeded"


class BuiltinRole(Conflict):
    code = "auth.builtin_role"


class LinkExpired(ZhirenError):
    code = "auth.link_expired"
    status = 410
