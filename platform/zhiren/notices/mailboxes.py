"""Mailboxes that are read over IMAP, by their address ``imaps://user:password@host:port/FOLDER`` (or ``imap://``)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from imaplib import IMAP4
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec
from imap_tools import AND, BaseMailBox, ImapToolsError, MailBox, MailBoxUnencrypted, U

from zhiren.notices.providers import Refused, TryLater
from zhiren.notices.providers.outward import Outward
from zhiren.settings import Settings

log = logging.getLogger(__name__)

TIMEOUT_S: Final = 30.0
#: what reading a mailbox raises when it cannot be read
TROUBLE: Final = (OSError, ValueError, IMAP4.error, ImapToolsError)
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")


class Letter(msgspec.Struct, frozen=True):
    """A mail as it came; ``data`` is empty where it is larger than was asked for."""

    uid: int
    data: bytes


class Found(msgspec.Struct, frozen=True):
    """``validity``: what the UIDs count by; another number means that they were given anew (RFC 3501, 2.3.1.1)."""

    validity: int
    letters: list[Letter]


def place(url: str) -> tuple[str, int]:
    """Host and port."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (993 if parts.scheme == "imaps" else 143)


async def allowed(url: str, settings: Settings) -> bool:
    """Whether a customer's own mailbox may be read: not one in the private network, unless the installation says so."""
    host, port = place(url)
    try:
        await Outward(inside=settings.provider_networks == "any").resolve(host, port)
    except (Refused, TryLater) as trouble:
        log.warning("mailbox: %s", trouble.code)
        return False
    return True


@contextmanager
def opened(url: str) -> Iterator[BaseMailBox]:
    """Logged in, at its folder. Raises one of ``TROUBLE``."""
    parts = urlsplit(url)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname:
        raise ValueError("imaps://user:password@host/FOLDER")
    host, port = place(url)
    kind = MailBox if parts.scheme == "imaps" else MailBoxUnencrypted
    folder = unquote(parts.path.strip("/")) or "INBOX"
    box = kind(host, port, timeout=TIMEOUT_S)
    try:
        yield box.login(unquote(parts.username or ""), unquote(parts.password or ""), initial_folder=folder)
    finally:
        # also where the log-in was refused: the library would leave the connection open
        with suppress(OSError, IMAP4.error):
            box.client.logout()


def since(url: str, validity: int, uid: int, *, most: int, max_bytes: int) -> Found:
    """The next ``most`` mails after ``uid``, oldest first; all of them where the UIDs were given anew. They are not
    marked as seen: people may read the mailbox too. Blocks. Raises one of ``TROUBLE``."""
    with opened(url) as inbox:
        now = inbox.folder.status(options=["UIDVALIDITY"]).get("UIDVALIDITY", 0)
        after = uid if now == validity else 0
        # "n:*" always has the last one, however small its UID (RFC 3501, 6.4.8)
        uids = sorted(int(one) for one in inbox.uids(AND(uid=U(str(after + 1), "*"))) if int(one) > after)
        letters = [Letter(one, _data(inbox, one, max_bytes)) for one in uids[:most]]
        return Found(now, letters)


def _data(inbox: BaseMailBox, uid: int, max_bytes: int) -> bytes:
    """The bytes as they came: what a library makes of a stranger's mail cannot always be written again."""
    size = _SIZE.search(_answer(inbox, uid, "(RFC822.SIZE)")[0])
    if size is None or int(size[1]) > max_bytes:
        return b""
    return _answer(inbox, uid, "(BODY.PEEK[])")[1]


def _answer(inbox: BaseMailBox, uid: int, what: str) -> tuple[bytes, bytes]:
    """The line that the server says of a mail, and what it sends along; both empty for one that is gone."""
    state, parts = inbox.client.uid("fetch", str(uid), what)
    if state != "OK":
        raise ImapToolsError(f"fetch: {state}")
    first = parts[0] if parts else None
    if isinstance(first, tuple):
        return first[0], first[1]
    return first or b"", b""
