"""What a person calls their device, from what the browser calls itself."""

from __future__ import annotations

from typing import Final

# the first that fits wins: browsers name their ancestors too
_BROWSERS: Final = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Lark", "飞书"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python", "Python"),
)
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def describe_agent(user_agent: str) -> str:
    """``Chrome · Windows``; empty when nothing is known of it."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part)


def is_phone(user_agent: str) -> bool:
    return any(mark in user_agent for mark in ("Mobile", "Android", "iPhone", "HarmonyOS"))
