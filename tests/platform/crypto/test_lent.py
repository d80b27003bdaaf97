"""Keys on loan to a helper process: what they can do, and how long."""

from __future__ import annotations

import msgspec
import pytest

from tests.platform.crypto.fakes import Clock, new_keyring
from zhiren.crypto import LentBox, LentKeys
from zhiren.errors import KeyServiceUnavailable
from zhiren.ids import new_id

ROW = new_id()


async def test_what_one_seals_the_other_opens() -> None:
    clock = Clock()
    ring = new_keyring(clock=clock)
    await ring.ready()
    through_a_pipe = msgspec.msgpack.decode(msgspec.msgpack.encode(ring.lend()), type=LentKeys)
    box = LentBox(through_a_pipe, clock=clock)
    assert ring.open("payslip", "document_ct", ROW, box.seal("payslip", "document_ct", ROW, b"8000")) == b"8000"
    assert box.open("payslip", "document_ct", ROW, ring.seal("payslip", "document_ct", ROW, b"8000")) == b"8000"


async def test_only_keys_of_fields_are_lent() -> None:
    ring = new_keyring()
    await ring.ready()
    with pytest.raises(KeyError):
        LentBox(ring.lend(), clock=Clock()).seal("audit_event", "changes_ct", ROW, b"", purpose="audit")


async def test_a_loan_ends_with_the_owners_own_time() -> None:
    clock = Clock()
    ring = new_keyring(clock=clock)
    await ring.ready()
    box = LentBox(ring.lend(), clock=clock)
    clock.now_s += 59.5
    assert box.seal("payslip", "document_ct", ROW, b"8000")
    clock.now_s += 0.5
    with pytest.raises(KeyServiceUnavailable):
        box.seal("payslip", "document_ct", ROW, b"8000")
    with pytest.raises(KeyServiceUnavailable):
        ring.lend()


async def test_keys_are_not_shown() -> None:
    ring = new_keyring()
    await ring.ready()
    lent = ring.lend()
    shown = repr(lent) + repr(LentBox(lent, clock=Clock())._held())
    for key in lent.fields:
        assert repr(key.material)[2:-1] not in shown
        assert key.material.hex() not in shown
