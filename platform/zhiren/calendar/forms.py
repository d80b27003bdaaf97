"""Reading the calendar's forms."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from zhiren.calendar.schemas import ZONE, Hours
from zhiren.clock import today
from zhiren.errors import InvalidInput
from zhiren.i18n import N_, _
from zhiren.web.fields import Form

_TIME: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
#: of people who live elsewhere than their colleagues; others may be typed in the API
ZONES: Final[tuple[tuple[str, str], ...]] = (
    (ZONE, N_("中国 UTC+8")),
    ("Asia/Tokyo", N_("东京")),
    ("Asia/Singapore", N_("新加坡")),
    ("Asia/Kolkata", N_("孟买")),
    ("Asia/Dubai", N_("迪拜")),
    ("Europe/Moscow", N_("莫斯科")),
    ("Europe/Berlin", N_("柏林、巴黎")),
    ("Europe/London", N_("伦敦")),
    ("America/New_York", N_("纽约")),
    ("America/Los_Angeles", N_("洛杉矶")),
    ("Australia/Sydney", N_("悉尼")),
)


def hours_in(form: Form) -> Hours:
    """Raises InvalidInput naming the field that is no time of day."""
    wrong: dict[str, str] = {}
    minutes: dict[str, int] = {}
    for name in ("start", "end", "break_start", "break_end"):
        match = _TIME.fullmatch(form[name].strip())
        if match:
            minutes[name] = int(match[1]) * 60 + int(match[2])
        elif form[name].strip() or name in ("start", "end"):
            wrong[name] = _("请填写时间，例如 09:00")
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), fields=wrong)
    pause = minutes if {"break_start", "break_end"} <= minutes.keys() else {"break_start": 0, "break_end": 0}
    return Hours(
        days=tuple(sorted({int(each) for each in form.all("day") if each in set("1234567")})),
        start_min=minutes["start"],
        end_min=minutes["end"],
        break_start_min=pause["break_start"],
        break_end_min=pause["break_end"],
        zone=form["zone"] or ZONE,
    )


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def monday_of(text: str) -> date:
    """The first day of the week that holds the day written as 2026-12-01; of this week when it is none, or beyond what
    anybody plans."""
    now = today()
    try:
        day = date.fromisoformat(text) if text else now
    except ValueError:
        day = now
    if abs((day - now).days) > 3660:
        day = now
    return day - timedelta(days=day.weekday())
