"""From a row to a parcel, and from what the carrier said back to the row.

A message is given out between two transactions: the first opens it, the second writes down how it went. Whoever dies
in between leaves it as it was, and the next worker gives it out again: nothing is lost, and where the carrier had
taken it already, it arrives twice. With mail that cannot be ruled out (RFC 5321, 4.5.3.2.6 calls it the lesser evil);
at most one duplicate for each worker lost in that moment, with the same Message-ID, which many mailboxes fold into one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from zhiren.context import Context
from zhiren.notices import kinds, repository, rules
from zhiren.notices.models import Message
from zhiren.notices.providers import Parcel, Place, Provider, Receipt, Refused, TryLater
from zhiren.notices.service import carriers
from zhiren.notices.service.sending import ask_for_delivery
from zhiren.settings import Settings

#: as many waiting messages are set going at a time
FLUSH = 500


async def prepare(ctx: Context, settings: Settings, message_id: UUID, attempt: int) -> tuple[Provider, Parcel] | None:
    """The parcel and who carries it; None when there is nothing to do now, which the row then says."""
    row = await repository.message(ctx.session, message_id, lock=True)
    if row is None or row.state != "queued" or row.attempt != attempt:
        return None
    now = datetime.now(UTC)
    if row.expires_at is not None and now >= row.expires_at:
        row.state, row.problem, row.enclosure = "expired", "notices.expired", None
        return None
    try:
        provider = await carriers.provider(ctx, settings, row.channel)
    except (ValueError, KeyError) as error:
        await conclude(ctx, row.id, attempt, TryLater("notices.misconfigured", type(error).__name__))
        return None
    if provider is None:
        await _without_provider(ctx, row)
        return None
    if not row.urgent and row.channel in rules.RESTFUL:
        over = await carriers.rest_over(ctx, now)
        if over is not None:
            await _again(ctx, row, over)
            return None
    return provider, await _parcel(ctx, settings, row)


async def conclude(ctx: Context, message_id: UUID, attempt: int, outcome: Receipt | TryLater | Refused) -> None:
    """Write down how it went; a failure that may pass asks for the next try."""
    row = await repository.message(ctx.session, message_id, lock=True)
    if row is None or row.attempt != attempt or row.state != "queued":
        return
    if isinstance(outcome, (Receipt, Refused)) and outcome.gone:
        await repository.delete_subscriptions(ctx.session, outcome.gone)
    if isinstance(outcome, Receipt):
        row.state, row.sent_at, row.external_id = "sent", datetime.now(UTC), outcome.external_id
        row.problem = row.problem_detail = ""
        row.enclosure = None
        return
    row.problem, row.problem_detail = outcome.code, outcome.detail
    if isinstance(outcome, Refused):
        row.state, row.enclosure = "failed", None
        return
    row.failures += 1
    pause = rules.pause_after(row.failures)
    if pause is None:
        row.state, row.problem = "failed", "notices.no_answer"
        return
    await _again(ctx, row, datetime.now(UTC) + max(pause, timedelta(seconds=outcome.after_s)))


async def set_going(ctx: Context, channel: str) -> int:
    """Messages that waited for a provider of ``channel`` are asked for again; returns how many. More than 500 wait
    for the next time."""
    rows = await repository.waiting(ctx.session, channel, limit=FLUSH)
    for row in rows:
        row.state, row.problem = "queued", ""
        await _again(ctx, row, None)
    return len(rows)


async def note_bounce(ctx: Context, message_id: UUID, status: str) -> int:
    """A mail came back. Returns how many messages that changed: 0 or 1."""
    row = await repository.message(ctx.session, message_id, lock=True)
    if row is None or row.channel != "mail" or row.state != "sent":
        return 0
    row.state, row.problem, row.problem_detail = "bounced", "notices.bounced", status
    return 1


async def try_again(ctx: Context, row: Message) -> None:
    """A person asks for one that failed to be sent once more."""
    row.state, row.problem, row.problem_detail, row.failures = "queued", "", "", 0
    await _again(ctx, row, None)


async def _again(ctx: Context, row: Message, due_at: datetime | None) -> None:
    row.attempt += 1
    row.due_at = due_at
    await ctx.session.flush()
    await ask_for_delivery(ctx, row)


async def _without_provider(ctx: Context, row: Message) -> None:
    # mail waits for its server; on the other channels who is reached anyhow need not be reached twice
    if row.channel != "mail" and await repository.sent_otherwise(ctx.session, row):
        row.state = "skipped"
    else:
        row.state = "waiting"
    row.problem = "notices.no_provider"


async def _parcel(ctx: Context, settings: Settings, row: Message) -> Parcel:
    site = settings.site_url(ctx.tenant.slug)
    content = row.content
    link = site + content.link if content.link.startswith("/") else content.link
    places: tuple[Place, ...] = ()
    if row.channel == "push":
        subscriptions = await repository.subscriptions(ctx.session, row.recipient_key, "push")
        places = tuple(
            Place(one.id, one.address or "", (one.keys or {}).get("p256dh", ""), (one.keys or {}).get("auth", ""))
            for one in subscriptions
        )
    kind = kinds.find(row.kind)
    optional = kind is not None and kind.optional
    return Parcel(
        id=row.id,
        kind=row.kind,
        company=ctx.tenant.name,
        recipient=row.recipient_name,
        locale=row.locale,
        address=row.address or "",
        content=content,
        link=link,
        enclosure=row.enclosure,
        unsubscribe=f"{site}/notices/off/{row.id}/{off_token(ctx, row.id)}" if optional else "",
        urgent=row.urgent,
        places=places,
        customer=ctx.tenant.slug,
        domain=f"{ctx.tenant.slug}.{settings.base_domain}",
    )


def off_token(ctx: Context, message_id: UUID) -> str:
    """Proves that who switches a notice off has had it."""
    return ctx.keyring.blind("notices.off", str(message_id)).hex()[:32]
