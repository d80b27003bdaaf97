"""Colours that can be read (WCAG 2.2, 1.4.3), and what pictures are taken: pure."""

from __future__ import annotations

import re
from typing import Final

Rgb = tuple[int, int, int]
MIN_CONTRAST: Final = 4.5
MAX_PICTURE_BYTES: Final = 512 * 1024
MAX_NAME: Final = 60
_WHITE: Final[Rgb] = (255, 255, 255)
#: the page's ground in the dark, as in base.css
_NIGHT: Final[Rgb] = (18, 23, 22)
_HEX: Final = re.compile(r"#?([0-9a-f]{6})")
#: no SVG: it is a page that may carry scripts
_PICTURES: Final = (
    ("image/png", b"\x89PNG\r\n\x1a\n", 0),
    ("image/jpeg", b"\xff\xd8\xff", 0),
    ("image/webp", b"WEBP", 8),
)


def hex_colour(value: str) -> str | None:
    """``#rrggbb`` in lower case; None for anything else."""
    found = _HEX.fullmatch(value.strip().lower())
    return f"#{found[1]}" if found else None


def rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: Rgb, other: Rgb) -> float:
    """From 1 (the same) to 21 (black on white)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def contrast_with_white(colour: str) -> float:
    return contrast(rgb(colour), _WHITE)


def readable(colour: str) -> str:
    """``colour``, darkened until white letters on it can be read."""
    found = rgb(colour)
    while contrast(found, _WHITE) < MIN_CONTRAST:
        found = _mix(found, (0, 0, 0), 0.04)
    return _text(found)


def theme(accent: str) -> str:
    """A style sheet that puts ``accent`` in the product's own colour's place, by day and by night."""
    day = rgb(accent)
    dark = _mix(day, (0, 0, 0), 0.18)
    light = _mix(day, _WHITE, 0.3)
    while contrast(light, _NIGHT) < MIN_CONTRAST + 1:
        light = _mix(light, _WHITE, 0.1)
    soft, soft_night = _mix(day, _WHITE, 0.88), _mix(day, _NIGHT, 0.75)
    ink_night = light
    while contrast(ink_night, soft_night) < MIN_CONTRAST:
        ink_night = _mix(ink_night, _WHITE, 0.1)
    ink = dark
    while contrast(ink, soft) < MIN_CONTRAST:
        ink = _mix(ink, (0, 0, 0), 0.1)
    by_day = _variables(day, link=day, hover=dark, soft=soft, ink=ink)
    by_night = _variables(day, link=light, hover=_mix(light, _WHITE, 0.3), soft=soft_night, ink=ink_night)
    return f':root,[data-bs-theme="light"]{{{by_day}}}\n[data-bs-theme="dark"]{{{by_night}}}\n'


def picture_type(data: bytes) -> str | None:
    """The kind of picture ``data`` is by its first bytes; None when it is none that is taken."""
    return next((kind for kind, sign, at in _PICTURES if data[at : at + len(sign)] == sign), None)


def _variables(primary: Rgb, *, link: Rgb, hover: Rgb, soft: Rgb, ink: Rgb) -> str:
    values = {
        "--tblr-primary": _text(primary),
        "--tblr-primary-rgb": _triple(primary),
        "--tblr-primary-darken": _text(_mix(primary, (0, 0, 0), 0.18)),
        "--tblr-primary-lt": _text(soft),
        "--tblr-primary-fg": "#fff",
        "--tblr-link-color": _text(link),
        "--tblr-link-color-rgb": _triple(link),
        "--tblr-link-hover-color": _text(hover),
        "--tblr-link-hover-color-rgb": _triple(hover),
        "--zr-accent-soft": _text(soft),
        "--zr-accent-ink": _text(ink),
    }
    return ";".join(f"{name}:{value}" for name, value in values.items())


def _luminance(colour: Rgb) -> float:
    parts = [c / 255 for c in colour]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _text(colour: Rgb) -> str:
    return "#" + bytes(colour).hex()


def _triple(colour: Rgb) -> str:
    return ", ".join(map(str, colour))
