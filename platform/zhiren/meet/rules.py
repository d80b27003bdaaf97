"""What needs no clock and no session: credentials, merging notes, who may be recorded, when a room is open."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any, Final

from zhiren.meet.schemas import Phase

#: people come a little early, and try their camera
EARLY: Final = timedelta(minutes=30)
#: credentials hold a while longer than the room is open
LEEWAY_S: Final = 3600


def phase(opens_at: datetime, closes_at: datetime, ended_at: datetime | None, now: datetime) -> Phase:
    if ended_at is not None or now >= closes_at:
        return "over"
    return "early" if now < opens_at - EARLY else "open"


def turn_credentials(secret: str, who: str, expires_at_s: int) -> tuple[str, str]:
    """User name and password as coturn's ``use-auth-secret`` checks them (draft-uberti-behave-turn-rest-00)."""
    name = f"{expires_at_s}:{who}"
    digest = hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()
    return name, base64.b64encode(digest).decode()


def ice_servers(urls: Sequence[str], secret: str, who: str, expires_at_s: int) -> list[dict[str, Any]]:
    """For ``RTCPeerConnection``. ``stun:`` addresses need no credentials, and are given none."""
    stun = [url for url in urls if url.startswith(("stun:", "stuns:"))]
    turn = [url for url in urls if url.startswith(("turn:", "turns:"))]
    servers: list[dict[str, Any]] = [{"urls": stun}] if stun else []
    if turn:
        name, password = turn_credentials(secret, who, expires_at_s)
        servers.append({"urls": turn, "username": name, "credential": password})
    return servers


def may_record(consents: Iterable[tuple[str, bool | None]]) -> bool:
    """``(role, said)`` of everybody in the room: all who are seen or heard have said yes, and not only one side."""
    seen = [(role, said) for role, said in consents if role != "observer"]
    return {"host", "guest"} <= {role for role, _said in seen} and all(said is True for _role, said in seen)


def merge(base: str, mine: str, theirs: str) -> str:
    """What two people made of ``base``, line by line. Where both changed the same lines, both versions stay, theirs
    first: nothing anybody wrote is lost."""
    if base in (theirs, mine) or mine == theirs:
        return mine if base == theirs else theirs
    lines, left, right = base.split("\n"), mine.split("\n"), theirs.split("\n")
    edits_left, edits_right = _edits(lines, left), _edits(lines, right)
    result: list[str] = []
    at = 0
    while edits_left or edits_right:
        start = min(edits[0][0] for edits in (edits_left, edits_right) if edits)
        end = start
        taken_left: list[tuple[int, int, list[str]]] = []
        taken_right: list[tuple[int, int, list[str]]] = []
        grown = True
        while grown:
            grown = False
            for edits, taken in ((edits_left, taken_left), (edits_right, taken_right)):
                if edits and (edits[0][0] < end or edits[0][0] == start):
                    end = max(end, edits[0][1])
                    taken.append(edits.pop(0))
                    grown = True
        result += lines[at:start]
        ours, others = _applied(lines, start, end, taken_left), _applied(lines, start, end, taken_right)
        if not taken_left or not taken_right or ours == others:
            result += ours if taken_left else others
        else:
            result += others + [line for line in ours if line not in others]
        at = end
    return "\n".join(result + lines[at:])


def _edits(old: list[str], new: list[str]) -> list[tuple[int, int, list[str]]]:
    """(first line, line behind the last, what stands there now), in order."""
    found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(i, j, new[k:m]) for kind, i, j, k, m in found if kind != "equal"]


def _applied(old: list[str], start: int, end: int, edits: list[tuple[int, int, list[str]]]) -> list[str]:
    lines: list[str] = []
    at = start
    for first, behind, text in edits:
        lines += old[at:first] + text
        at = behind
    return lines + old[at:end]
