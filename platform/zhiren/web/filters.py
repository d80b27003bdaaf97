"""How figures, days and hidden values are written on a page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from zhiren.i18n import current_locale

CHINA: Final = ZoneInfo("Asia/Shanghai")
NONE: Final = "—"


def fen(amount_fen: int | None) -> str:
    """Integer fen as yuan with two decimals: ``1234567`` → ``12,345.67``."""
    if amount_fen is None:
        return NONE
    sign = "-" if amount_fen < 0 else ""
    yuan, cents = divmod(abs(amount_fen), 100)
    return f"{sign}{yuan:,}.{cents:02d}"


def day(value: date | None) -> str:
    """``2026-11-22`` in Chinese tables, ``22 Nov 2026`` in English."""
    if value is None:
        return NONE
    if current_locale() == "zh_CN":
        return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"
    return format_date(value, "d MMM y", locale="en")


def moment(value: datetime | None) -> str:
    """To the minute, in China's time."""
    if value is None:
        return NONE
    local = value.astimezone(CHINA)
    if current_locale() == "zh_CN":
        return local.strftime("%Y-%m-%d %H:%M")
    return format_datetime(local, "d MMM y, HH:mm", locale="en")


def clock(value: datetime | None) -> str:
    """The time of day in China, ``14:30``."""
    return NONE if value is None else value.astimezone(CHINA).strftime("%H:%M")


def china_iso(value: datetime) -> str:
    """``2026-12-01T09:30+08:00``: an instant as a form's value."""
    return value.astimezone(CHINA).isoformat(timespec="minutes")


def masked(value: str | None, keep: int = 4) -> str:
    """All but the last ``keep`` characters hidden; short values wholly."""
    if not value:
        return NONE
    if len(value) <= keep:
        return "****"
    return "****" + value[-keep:]


def number(value: float | None, decimals: int = 0) -> str:
    return NONE if value is None else f"{value:,.{decimals}f}"


FILTERS: Final = {
    "china_iso": china_iso,
    "clock": clock,
    "date": day,
    "datetime": moment,
    "fen": fen,
    "masked": masked,
    "number": number,
}
