"""One round of reading the mailbox for résumés."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from imap_tools import MailboxLoginError

from modules.recruiting.service import mailing
from zhiren.i18n import N_
from zhiren.jobs import JobRun, job
from zhiren.notices import mailboxes

log = logging.getLogger(__name__)


@job(mailing.FETCH, title=N_("收取简历邮件"), quiet=True, time_limit_s=900)
async def fetch(run: JobRun) -> dict[str, Any] | None:
    """Every mail in a transaction of its own: a round that dies goes on behind the last one taken in."""
    async with run.tenant() as ctx:
        known = await mailing.address(ctx)
    if known is None:
        return None
    url, box = known
    if not await mailboxes.allowed(url, run.settings):
        await _failed(run, "address")
        return None
    try:
        found = await asyncio.to_thread(
            mailboxes.since, url, box.validity, box.uid, most=mailing.MOST, max_bytes=mailing.MAX_BYTES
        )
    except mailboxes.TROUBLE as trouble:
        log.warning("mailbox for résumés not read: %s", type(trouble).__name__)
        await _failed(run, "login" if isinstance(trouble, MailboxLoginError) else "unreachable")
        return None
    taken = 0
    for number, letter in enumerate(found.letters):
        mail = mailing.understood(found, letter)
        async with run.tenant() as ctx:
            taken += await mailing.take(ctx, found, letter, mail)
        await run.progress(number + 1, len(found.letters))
    async with run.tenant() as ctx:
        await mailing.done(ctx)
    return {"mails": len(found.letters), "files": taken}


async def _failed(run: JobRun, code: str) -> None:
    async with run.tenant() as ctx:
        await mailing.failed(ctx, code)
