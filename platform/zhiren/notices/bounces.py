"""What comes back by mail: delivery status notifications (RFC 3464), and answers of calendars, read from a mailbox.

A mailbox is ``imaps://user:password@host/FOLDER``, ``imap://…``, or ``maildir:///path`` on this machine. What is
neither is left where it is; each mail is looked at once, and then marked as seen (IMAP) or moved to ``cur``.
"""

from __future__ import annotations

import asyncio
import email
import mailbox
import re
from collections.abc import Iterator
from email.message import Message
from email.policy import default
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

import msgspec
from imap_tools import AND

from zhiren.notices import mailboxes, replies, rules
from zhiren.notices.replies import CalendarAnswer

#: mails looked at in one round, and how large one may be
MOST: Final = 200
MAX_BYTES: Final = 2 * 1024 * 1024
_ID_LINE: Final = re.compile(rb"^Message-ID:\s*(<[^>\r\n]+>)", re.I | re.M)


class Bounce(msgspec.Struct, frozen=True):
    """A mail of ours that did not arrive. ``status`` is the enhanced code (RFC 3463) and what the server said."""

    message_id: UUID
    customer: str
    status: str


def read(data: bytes) -> Bounce | None:
    """What a mail says about one of ours; None when it is no report of a failure for good, or not of ours."""
    mail = email.message_from_bytes(data[:MAX_BYTES], policy=default)
    status = _failure(mail)
    if status is None:
        return None
    # the report carries the mail, or its header, behind the status (RFC 3462)
    for found in _ID_LINE.finditer(data[:MAX_BYTES]):
        ours = rules.id_within(found.group(1).decode(errors="replace"))
        if ours is not None:
            return Bounce(ours[0], ours[1], status)
    return None


def _failure(mail: Message) -> str | None:
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        # one group of fields for the report, then one for each recipient
        for group in part.get_payload():
            if isinstance(group, Message) and str(group.get("Action", "")).strip().lower() == "failed":
                status = str(group.get("Status", "")).strip()
                said = str(group.get("Diagnostic-Code", "")).partition(";")[2].strip()
                return rules.one_line(f"{status} {said}")[:500]
    return None


async def collect(url: str) -> list[Bounce | CalendarAnswer]:
    """Bounces and answers to ours that are new in the mailbox ``url``. Raises one of ``mailboxes.TROUBLE``."""
    return await asyncio.to_thread(lambda: list(_collect(url)))


def _collect(url: str) -> Iterator[Bounce | CalendarAnswer]:
    parts = urlsplit(url)
    if parts.scheme == "maildir":
        yield from _from_maildir(unquote(parts.path))
        return
    with mailboxes.opened(url) as inbox:
        for found in inbox.fetch(AND(seen=False), limit=MOST, mark_seen=True, bulk=20):
            data = found.obj.as_bytes()
            if (news := read(data) or replies.find(data)) is not None:
                yield news


def _from_maildir(path: str) -> Iterator[Bounce | CalendarAnswer]:
    try:
        box = mailbox.Maildir(path, create=False)
    except mailbox.Error as error:
        raise FileNotFoundError(path) from error
    for key in [name for name, mail in box.iteritems() if mail.get_subdir() == "new"][:MOST]:
        mail = box[key]
        data = mail.as_bytes()
        mail.set_subdir("cur")
        mail.add_flag("S")
        box[key] = mail
        if (news := read(data) or replies.find(data)) is not None:
            yield news
