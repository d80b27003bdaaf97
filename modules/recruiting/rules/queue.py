"""What a wall screen shows of a person, and when somebody may check in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from zhiren.clock import CHINA

#: surnames of two characters that are met often enough to be cut wrongly
_DOUBLE: Final = frozenset(
    {
        "欧阳",
        "上官",
        "司马",
        "司徒",
        "诸葛",
        "夏侯",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "长孙",
        "宇文",
        "端木",
        "南宫",
        "西门",
        "独孤",
        "太叔",
        "闻人",
        "澹台",
        "轩辕",
    }
)
#: checking in begins this long before the interview
EARLY: Final = timedelta(hours=4)


def called(name: str) -> str:
    """``王*`` for 王小明, ``欧阳*`` for 欧阳修, ``J*`` for John: enough to know oneself by, with the number."""
    name = name.strip()
    surname = name[:2] if name[:2] in _DOUBLE and len(name) > 2 else name[:1]
    return f"{surname}*" if name else ""


def may_check_in(interview: Any, now: datetime) -> bool:
    """On the day of an on-site interview that is not over, not hours too early."""
    begins: datetime | None = interview.starts_at
    if interview.mode != "onsite" or interview.state != "booked" or begins is None:
        return False
    same_day = begins.astimezone(CHINA).date() == now.astimezone(CHINA).date()
    return same_day and now >= begins - EARLY
