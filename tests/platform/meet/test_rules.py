"""What needs no services: credentials, merging, consent, opening hours."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiren.meet import rules
from zhiren.settings import Settings, SettingsError

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
LINES = st.lists(st.sampled_from("abcde"), max_size=8).map("\n".join)


def test_credentials_are_what_coturn_computes() -> None:
    name, password = rules.turn_credentials("north", "anna", 1700000000)
    assert name == "1700000000:anna"
    assert base64.b64decode(password) == hmac.new(b"north", b"1700000000:anna", hashlib.sha1).digest()
    # made by `printf '1700000000:anna' | openssl dgst -sha1 -hmac north -binary | base64`
    assert password == OPENSSL


OPENSSL = "WS1fjjHj2gNlXzhc/ZcwmC3ofIo="


def test_only_relays_are_given_credentials() -> None:
    urls = ["stun:t.example:3478", "turn:t.example:3478", "turns:t.example:5349"]
    stun, turn = rules.ice_servers(urls, "s", "who", 5)
    assert stun == {"urls": ["stun:t.example:3478"]}
    assert turn["urls"] == urls[1:]
    assert turn["username"] == "5:who"
    assert rules.ice_servers([], "", "who", 5) == []


@pytest.mark.parametrize(
    ("people", "allowed"),
    [
        ([("host", True), ("guest", True)], True),
        ([("host", True), ("guest", None)], False),
        ([("host", True), ("guest", False)], False),
        ([("host", None), ("guest", True)], False),
        ([("host", True)], False),
        ([("guest", True)], False),
        ([("host", True), ("host", None), ("guest", True)], False),
        ([("host", True), ("guest", True), ("observer", None)], True),
        ([], False),
    ],
)
def test_nobody_is_recorded_who_has_not_said_yes(people: list[tuple[str, bool | None]], allowed: bool) -> None:
    assert rules.may_record(people) is allowed


@pytest.mark.parametrize(
    ("minutes", "ended", "found"),
    [(-31, False, "early"), (-30, False, "open"), (59, False, "open"), (60, False, "over"), (10, True, "over")],
)
def test_when_a_room_is_open(minutes: int, ended: bool, found: str) -> None:
    now = NINE + timedelta(minutes=minutes)
    assert rules.phase(NINE, NINE + timedelta(hours=1), NINE if ended else None, now) == found


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        ("", "沟通好", "", "沟通好"),
        ("a\nb", "a\nb\nc", "x\na\nb", "x\na\nb\nc"),
        ("a\nb\nc", "a\nB\nc", "a\nb\nC", "a\nB\nC"),
        ("a\nb\nc", "a\nc", "a\nb\nc\nd", "a\nc\nd"),
        ("", "甲", "乙", "乙\n甲"),
        ("a", "甲", "乙", "乙\n甲"),
        ("a\nb", "b", "a\nb", "b"),
    ],
)
def test_notes_of_two_are_merged(base: str, mine: str, theirs: str, merged: str) -> None:
    assert rules.merge(base, mine, theirs) == merged


@given(base=LINES, mine=LINES, theirs=LINES)
def test_no_line_that_somebody_wrote_is_lost(base: str, mine: str, theirs: str) -> None:
    merged = rules.merge(base, mine, theirs).split("\n")
    old = base.split("\n")
    for text in (mine, theirs):
        written = set(text.split("\n")) - set(old)
        assert written <= set(merged)
    assert rules.merge(base, mine, base) == mine
    assert rules.merge(base, base, theirs) == theirs
    assert rules.merge(base, mine, mine) == mine


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"ZHIREN_TURN_URLS": "http://t.example"}, "ZHIREN_TURN_URLS"),
        ({"ZHIREN_TURN_URLS": "turn:t.example"}, "ZHIREN_TURN_SECRET"),
        ({"ZHIREN_TURN_ONLY": "true"}, "ZHIREN_TURN_URLS"),
        ({"ZHIREN_TURN_ONLY": "true", "ZHIREN_TURN_URLS": "stun:t.example"}, "ZHIREN_TURN_URLS"),
    ],
)
def test_settings_that_do_not_fit(settings: Settings, wrong: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load({**settings.to_env(), **wrong})
    assert caught.value.setting == named


def test_the_relay_s_secret_is_not_shown(settings: Settings) -> None:
    env = {"ZHIREN_TURN_URLS": "turn:t.example", "ZHIREN_TURN_SECRET": "a-secret-of-the-relay"}
    assert "a-secret-of-the-relay" not in repr(Settings.load({**settings.to_env(), **env}))
