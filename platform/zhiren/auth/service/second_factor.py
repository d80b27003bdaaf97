"""TOTP (RFC 6238) and the recovery codes that stand in for a lost phone."""

from __future__ import annotations

import io
import secrets
import time
from datetime import UTC, datetime
from typing import Final

import pyotp
import segno
from pyotp.totp import TOTP

from zhiren.audit import record
from zhiren.auth import repository
from zhiren.auth.errors import SecondFactorRefused
from zhiren.auth.models import Recovery, User
from zhiren.auth.runtime import AuthRuntime
from zhiren.auth.service import tries
from zhiren.auth.tokens import token_hash
from zhiren.context import Context
from zhiren.errors import Conflict
from zhiren.i18n import _

STEP_S: Final = 30
#: clocks of phones may be this many steps off
_DRIFT_STEPS: Final = 1
_CODES: Final = 10
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"


async def begin(ctx: Context, user: User) -> None:
    """Gives a person a new secret, which counts for nothing until a code proves that the app has it."""
    if user.totp_enabled_at is not None:
        raise Conflict(_("两步验证已经打开"), hint=_("要换手机，请先关闭再重新打开"))
    user.totp_secret = pyotp.random_base32(32)
    user.totp_last_step = 0
    await ctx.session.flush()


async def confirm(ctx: Context, auth: AuthRuntime, user: User, code: str) -> list[str]:
    """Turns TOTP on and returns the recovery codes, which are shown this once. Raises SecondFactorRefused."""
    if user.totp_enabled_at is not None or user.totp_secret is None:
        raise Conflict(_("请从头设置两步验证"))
    await _verify_totp(ctx, auth, user, code)
    user.totp_enabled_at = datetime.now(UTC)
    record(ctx, "auth.totp.enable", object_type="auth.user", object_id=user.id)
    return await new_recovery_codes(ctx, user)


async def disable(ctx: Context, user: User, *, reason: str = "") -> None:
    """Turns TOTP off and forgets the secret and the recovery codes."""
    user.totp_secret, user.totp_enabled_at = None, None
    await repository.replace_recovery(ctx.session, user.id, "code", ())
    await repository.clear_failures(ctx.session, [tries.subject_of("code", user.id)])
    record(ctx, "auth.totp.disable", object_type="auth.user", object_id=user.id, reason=reason)


async def new_recovery_codes(ctx: Context, user: User) -> list[str]:
    """Ten fresh codes of 80 bits; earlier ones are void."""
    codes = ["-".join("".join(secrets.choice(_ALPHABET) for _i in range(4)) for _j in range(4)) for _k in range(_CODES)]
    rows = [Recovery(user_id=user.id, kind="code", secret_hash=_code_hash(user, code)) for code in codes]
    await repository.replace_recovery(ctx.session, user.id, "code", rows)
    record(ctx, "auth.totp.recovery_codes", object_type="auth.user", object_id=user.id)
    return codes


async def verify(ctx: Context, auth: AuthRuntime, user: User, code: str) -> None:
    """Takes a code of the app or a recovery code, each of them once. Raises SecondFactorRefused, LoginLocked."""
    plain = "".join(code.split()).lower()
    if plain.isascii() and plain.isdigit():
        await _verify_totp(ctx, auth, user, plain)
        return
    subject = await _admitted(ctx, auth, user)
    if await repository.take_recovery(ctx.session, _code_hash(user, plain), kind="code", user_id=user.id) is None:
        await _refuse(ctx, auth, user, subject)
    record(ctx, "auth.totp.recovery_used", object_type="auth.user", object_id=user.id)
    await repository.clear_failures(ctx.session, [subject])


def provisioning_uri(ctx: Context, user: User) -> str:
    """What the QR code says to an authenticator app."""
    return TOTP(user.totp_secret or "").provisioning_uri(name=user.login, issuer_name=f"知人 {ctx.tenant.name}")


def qr_svg(uri: str) -> bytes:
    """The URI as an SVG image on white, readable in dark mode too."""
    buffer = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(buffer, kind="svg", scale=5, border=3, light="white", xmldecl=False)
    return buffer.getvalue()


async def _verify_totp(ctx: Context, auth: AuthRuntime, user: User, code: str) -> None:
    subject = await _admitted(ctx, auth, user)
    step = _matching_step(user.totp_secret or "", code)
    if step is None or not await repository.take_totp_step(ctx.session, user.id, step):
        await _refuse(ctx, auth, user, subject)
    await repository.clear_failures(ctx.session, [subject])


async def _admitted(ctx: Context, auth: AuthRuntime, user: User) -> bytes:
    subject = tries.subject_of("code", user.id)
    await tries.admit(ctx, auth, subject)
    await tries.refuse_locked(ctx, subject)
    return subject


async def _refuse(ctx: Context, auth: AuthRuntime, user: User, subject: bytes) -> None:
    await tries.failed(ctx, auth, subject, action="auth.totp.fail", user_id=user.id)
    message = _("验证码不对，或已用过")
    raise SecondFactorRefused(message, hint=_("请等下一个验证码再试"), fields={"code": message})


def _matching_step(secret: str, code: str) -> int | None:
    now = int(time.time()) // STEP_S
    totp = TOTP(secret)
    for step in range(now - _DRIFT_STEPS, now + _DRIFT_STEPS + 1):
        if secrets.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def _code_hash(user: User, code: str) -> bytes:
    # bound to the person, so that equal codes of two people differ
    return token_hash(f"{user.id}:{code.replace('-', '').lower()}")
