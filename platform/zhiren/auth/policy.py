"""The figures of logging in, in one place.

Passwords follow NIST SP 800-63B-4, 3.1.1.2: at least 15 characters where the password is the only factor, 8 where a
second one is asked; no rules of composition, no forced change, a blocklist; every character counts, Chinese ones too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zhiren.settings import Settings


@dataclass(frozen=True, slots=True)
class Policy:
    """Times end in ``_s`` and are seconds."""

    #: a session not used for this long has ended
    idle_s: int = 30 * 60
    #: no session lasts longer, however busy
    absolute_s: int = 12 * 3600
    #: a half-finished log-in (second factor or new password still asked)
    unfinished_s: int = 10 * 60
    #: how seldom "last seen" is written
    touch_s: int = 60
    #: a sensitive act needs the password given within this time
    reauth_s: int = 10 * 60
    #: life of the link that sets a new password
    reset_link_s: int = 24 * 3600

    #: calls of one access token
    token_calls_per_minute: int = 600

    password_min: int = 15
    password_min_with_second_factor: int = 8
    password_max: int = 128

    #: failures in a row before the first wait, which then doubles
    lock_after: int = 5
    lock_first_s: int = 30
    lock_longest_s: int = 3600
    #: failures in a row after which only an administrator or a reset link opens the account (800-63B-4, 3.2.2)
    lock_for_good_after: int = 100

    #: tries per log-in and minute, known or not
    tries_per_login_minute: int = 10
    #: tries per address and minute: an office of a thousand may share one
    tries_per_ip_minute: int = 300
    #: failures per address in ten minutes
    failures_per_ip: int = 100


def policy_of(settings: Settings) -> Policy:
    """The figures of this installation: its own lives of sessions, and ours for the rest."""
    return Policy(idle_s=settings.session_idle_s, absolute_s=settings.session_absolute_s)


DEFAULT_POLICY = Policy()
