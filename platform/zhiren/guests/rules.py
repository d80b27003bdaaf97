"""Figures and forms of guests' log-in: pure, but for the dice."""

from __future__ import annotations

import re
import secrets
from typing import Final

CODE_LIFE_S: Final = 600
CODE_TRIES: Final = 5
#: after that many wrong codes in a row nothing is taken or sent for the address
LOCK_S: Final = 15 * 60
#: a phone that is used now and then stays logged in; nothing lasts longer than the second
SESSION_IDLE_S: Final = 14 * 86400
SESSION_ABSOLUTE_S: Final = 60 * 86400
TOUCH_S: Final = 60
#: (what, limit, window in seconds) of codes asked for one address, and from one network address: a hall of candidates
#: on a hiring day shares one
PER_ADDRESS: Final = ((1, 30), (5, 600), (20, 86400))
PER_IP: Final = ((30, 60), (300, 3600))
FAILURES_PER_IP: Final = (100, 600)

_MAIL: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]+\.[^\s@<>,;:\"()\[\]\\.]{2,63}")
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_ABROAD: Final = re.compile(r"\+[1-9]\d{6,14}")


def normal_address(value: str) -> str | None:
    """A mail address in lower case, a mainland mobile number as eleven digits, another one with ``+``; else None."""
    text = value.strip()
    if "@" in text:
        return text.lower() if len(text) <= 254 and _MAIL.fullmatch(text) and text.isprintable() else None
    if not text.isascii():
        return None
    digits = re.sub(r"[\s()-]", "", text)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if digits.startswith("+86") and _MOBILE.fullmatch(digits[3:]):
        digits = digits[3:]
    return digits if _MOBILE.fullmatch(digits) or _ABROAD.fullmatch(digits) else None


def new_code() -> str:
    """Six digits, each as likely as any other."""
    return f"{secrets.randbelow(10**6):06d}"


def typed_code(value: str) -> str:
    """What somebody typed, with blanks taken out."""
    return re.sub(r"\s", "", value)[:20]
