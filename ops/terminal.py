"""What the command line says, in the terminal's language, with colour where there is a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import click

from zhiren import i18n
from zhiren.i18n import Locale

_PACKAGES = ("zhiren", "ops")


def speak(env: Mapping[str, str]) -> None:
    """Choose the language of this process's messages by the terminal's locale: Chinese for ``zh…``, else English."""
    locale = locale_of(env)
    if locale != i18n.SOURCE_LOCALE:
        i18n.load(_PACKAGES)
    i18n.set_locale(locale)


def speak_of(package: str) -> None:
    """Read the catalogue of ``package`` too: its command is about to be called."""
    if i18n.current_locale() != i18n.SOURCE_LOCALE:
        i18n.load((*_PACKAGES, package))


def locale_of(env: Mapping[str, str]) -> Locale:
    chosen = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "zh_CN" if chosen.lower().startswith("zh") else "en"


def step(text: str) -> None:
    click.echo(click.style("· ", fg="cyan") + text)


def good(text: str) -> None:
    click.echo(click.style("✓ ", fg="green") + text)


def bad(text: str, hint: str = "") -> None:
    click.echo(click.style("✗ ", fg="red") + text, err=True)
    for line in hint.splitlines():
        click.echo("  " + click.style(line, fg="yellow"), err=True)


def say(text: str) -> None:
    click.echo(text)


def rows(pairs: Mapping[str, str]) -> None:
    """Names and values, one a line, values aligned."""
    widest = max((columns(name) for name in pairs), default=0)
    for name, value in pairs.items():
        click.echo(f"  {click.style(name + ' ' * (widest - columns(name)), dim=True)}  {value}")


def place(name: str, address: str, log_ins: Mapping[str, str]) -> None:
    """An address, and who logs in there: log-in and what that person is."""
    click.echo(click.style(name, bold=True) + "  " + click.style(address, fg="cyan", underline=True))
    widest = max((columns(login) for login in log_ins), default=0)
    for login, title in log_ins.items():
        click.echo("  " + click.style(login, fg="green") + " " * (widest - columns(login)) + f"  {title}")
    click.echo()


def columns(text: str) -> int:
    """How many columns of the terminal ``text`` takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
