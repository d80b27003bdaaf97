"""A code by mail or SMS, and the proof that it arrived. Known and unknown addresses are treated alike throughout.

Asking writes a row and a job; the job looks the address up. So the answer takes the same time whether somebody has
the address or not.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from zhiren.audit import record
from zhiren.context import Context
from zhiren.errors import InvalidInput
from zhiren.guests import kinds, repository, rules
from zhiren.guests.errors import CodeLocked, CodeRefused, TooManyCodes
from zhiren.guests.models import GuestCode
from zhiren.guests.notices import CODE_SENT
from zhiren.guests.runtime import keep, limiter_of
from zhiren.i18n import _
from zhiren.jobs import enqueue
from zhiren.notices import Recipient, send

DELIVER: Final = "guests.code.deliver"
_OBJECT: Final = "guests.code"


async def send_code(ctx: Context, kind: str, address: str, *, ip: str) -> None:
    """Sends a code to ``address``, a mail address or a mobile number, if a guest of ``kind`` has it.

    Says nothing of whether somebody does. It works once, within ten minutes, and ends the codes before it. Raises
    InvalidInput for what is no address, TooManyCodes past the rates, CodeLocked after five wrong codes.
    """
    kinds.get(kind)
    wanted = _address(address)
    index = GuestCode.address.blind_index(wanted)
    await _admit(ctx, f"{kind}:{index.hex()}", ip)
    _refuse_locked(await repository.newest_code(ctx.session, kind, index))
    now = datetime.now(UTC)
    row = GuestCode(kind=kind, expires_at=now + timedelta(seconds=rules.CODE_LIFE_S), created_at=now, failed_count=0)
    row.address = wanted
    ctx.session.add(row)
    await ctx.session.flush()
    record(ctx, "guests.code.send", object_type=_OBJECT, object_id=row.id, reason=kind)
    await enqueue(ctx, DELIVER, {"code_id": str(row.id)}, key=f"{DELIVER}:{row.id}")


async def deliver(ctx: Context, code_id: UUID) -> bool:
    """What the job does: makes the code and sends it to whom the address belongs. Does so once.

    Returns whether there was anybody.
    """
    row = await repository.code_by_id(ctx.session, code_id)
    if row is None or row.code_hmac is not None or row.used_at is not None or row.expires_at <= datetime.now(UTC):
        return False
    address = row.address
    matches = await kinds.get(row.kind).find(ctx, address)
    if not matches:
        return False
    guest, code = matches[0], rules.new_code()
    row.guest_id, row.name, row.code_hmac = guest.id, guest.name, _hmac(ctx, row.id, code)
    by_mail = "@" in address
    to = Recipient(
        kind="guest",
        id=guest.id,
        name=guest.name,
        mail=address if by_mail else "",
        mobile="" if by_mail else address,
        locale=guest.locale,
    )
    await ctx.session.flush()
    await send(ctx, CODE_SENT.name, to=to, values={"code": code}, about=(_OBJECT, row.id), key=str(row.id))
    return True


async def check_code(ctx: Context, kind: str, address: str, code: str) -> UUID:
    """The guest to whom the newest code for ``address`` was sent; uses it up.

    A wrong one counts even though the request is refused. Raises CodeRefused, CodeLocked after five wrong ones,
    TooManyCodes when too many come from one network address, InvalidInput for what is no address.
    """
    kinds.get(kind)
    index = GuestCode.address.blind_index(_address(address))
    await _refuse_guessers(ctx)
    row = await repository.newest_code(ctx.session, kind, index, lock=True)
    _refuse_locked(row)
    now = datetime.now(UTC)
    if row is None or row.used_at is not None or row.expires_at <= now:
        await _count_failure(ctx)
        raise _refused()
    given = _hmac(ctx, row.id, rules.typed_code(code))
    # compared in any case: nobody's code takes as long as somebody's
    right = hmac.compare_digest(given, row.code_hmac or bytes(len(given)))
    if not right or row.guest_id is None:
        await _wrong(ctx, row, now)
        raise _refused()
    row.used_at = now
    await ctx.session.flush()
    return row.guest_id


async def _wrong(ctx: Context, row: GuestCode, now: datetime) -> None:
    await _count_failure(ctx)
    row.failed_count += 1
    record(ctx, "guests.code.fail", object_type=_OBJECT, object_id=row.id, reason=row.kind)
    if row.failed_count >= rules.CODE_TRIES:
        row.locked_until = now + timedelta(seconds=rules.LOCK_S)
        record(ctx, "guests.code.lock", object_type=_OBJECT, object_id=row.id, reason=row.kind)
    await ctx.session.flush()
    keep(ctx)


def _refuse_locked(row: GuestCode | None) -> None:
    if row is None or row.locked_until is None:
        return
    left_s = int((row.locked_until - datetime.now(UTC)).total_seconds()) + 1
    if left_s > 0:
        raise CodeLocked(
            _("验证码连续输错多次，请稍后再试。"),
            hint=_("请 {count} 分钟后重新获取验证码。", count=-(-left_s // 60)),
            params={"retry_after_s": left_s},
        )


async def _admit(ctx: Context, subject: str, ip: str) -> None:
    limiter, tenant = limiter_of(ctx), ctx.tenant.id
    if limiter is None:
        return
    rates = [(f"{tenant}:guest:{subject}", rate) for rate in rules.PER_ADDRESS]
    rates += [(f"{tenant}:guest:ip:{ip}", rate) for rate in rules.PER_IP]
    waits = [await limiter.hit(whose, limit=limit, window_s=window) for whose, (limit, window) in rates]
    if any(waits):
        raise _too_fast(max(waits))


async def _refuse_guessers(ctx: Context) -> None:
    limiter, (limit, window) = limiter_of(ctx), rules.FAILURES_PER_IP
    if limiter is None:
        return
    if wait_s := await limiter.check(f"{ctx.tenant.id}:guest:fail:{ctx.ip}", limit=limit, window_s=window):
        raise _too_fast(wait_s)


async def _count_failure(ctx: Context) -> None:
    limiter, (limit, window) = limiter_of(ctx), rules.FAILURES_PER_IP
    if limiter is not None:
        await limiter.hit(f"{ctx.tenant.id}:guest:fail:{ctx.ip}", limit=limit, window_s=window)


def _too_fast(wait_s: int) -> TooManyCodes:
    message, hint = _("验证码要得太频繁。"), _("请 {count} 秒后再试。", count=wait_s)
    return TooManyCodes(message, hint=hint, params={"retry_after_s": wait_s})


def _refused() -> CodeRefused:
    return CodeRefused(_("验证码不对或已过期。"), hint=_("请核对后再输，或重新获取。"))


def _address(value: str) -> str:
    found = rules.normal_address(value)
    if found is None:
        message = _("请填写手机号或邮箱。")
        raise InvalidInput(message, fields={"address": message})
    return found


def _hmac(ctx: Context, code_id: UUID, code: str) -> bytes:
    return ctx.keyring.blind("guest_code.code", f"{code_id}:{code}")
