"""People from outside who are no users: candidates, agencies' recruiters. They log in by a code sent to them.

A module declares a kind with ``register(GuestKind(...))`` and its routes with ``permission="guest:<kind>"``; a public
route that should know a guest who is there says ``guest="<kind>"``. The module's own pages ask for the address and the
code::

    await guests.send_code(ctx, "candidate", address, ip=ctx.ip)
    guest_id = await guests.check_code(ctx, "candidate", address, code)
    guests.let_in(answer, ctx, "candidate", await guests.open_session(ctx, "candidate", guest_id))
"""

from zhiren.audit import describe
from zhiren.guests import jobs as _jobs  # noqa: F401 - declares the job that sends codes
from zhiren.guests.cookies import let_in, see_out
from zhiren.guests.errors import CodeLocked, CodeRefused, LinkExpired, LinkInvalid, TooManyCodes
from zhiren.guests.kinds import GuestKind, Match, register
from zhiren.guests.links import sign, verify
from zhiren.guests.models import MODELS
from zhiren.guests.rules import normal_address
from zhiren.guests.runtime import GuestRuntime
from zhiren.guests.schemas import GuestSessionView
from zhiren.guests.service.codes import check_code, send_code
from zhiren.guests.service.sessions import (
    end_session,
    end_sessions,
    forget_ended,
    open_session,
    sessions_of,
)
from zhiren.i18n import N_

describe(
    objects={"guests.code": N_("验证码"), "guests.session": N_("外部人员会话"), "guests.guest": N_("外部人员")},
    actions={
        "guests.code.send": N_("向外部人员发送验证码"),
        "guests.code.fail": N_("外部人员验证码错误"),
        "guests.code.lock": N_("外部人员验证码多次错误，暂时锁定"),
        "guests.session.open": N_("外部人员登录"),
        "guests.session.end": N_("外部人员退出登录"),
    },
)

__all__ = [
    "MODELS",
    "CodeLocked",
    "CodeRefused",
    "GuestKind",
    "GuestRuntime",
    "GuestSessionView",
    "LinkExpired",
    "LinkInvalid",
    "Match",
    "TooManyCodes",
    "check_code",
    "end_session",
    "end_sessions",
    "forget_ended",
    "let_in",
    "normal_address",
    "open_session",
    "register",
    "see_out",
    "send_code",
    "sessions_of",
    "sign",
    "verify",
]
