"""Every way of tampering that a superuser has, and which of them only a noted link finds out."""

from __future__ import annotations

import pytest

from tests.platform.audit.conftest import Trail
from zhiren.audit.verify import Problem

FORGED = (
    "INSERT INTO audit_event (id, xid, action, actor_kind, actor_name, actor_roles, request_id, ip, user_agent,"
    " object_type, object_id, fields, reason, sensitive)"
    " VALUES ('00000000-0000-7000-8000-000000000000', 1, 'forged', 'user', '', '{}', '', '', '', '', '', '{}', '',"
    " false)"
)
#: the middle link, and its event
MIDDLE = "(SELECT max(sequence) / 2 FROM audit_link)"
EVENT = f"(SELECT event_id FROM audit_link WHERE sequence = {MIDDLE})"
TAIL = "(SELECT max(sequence) - 3 FROM audit_link)"

TAMPERING: dict[str, tuple[Problem, tuple[str, ...]]] = {
    "edit who": ("changed", (f"UPDATE audit_event SET actor_name = 'x' WHERE id = {EVENT}",)),
    "edit when": ("changed", (f"UPDATE audit_event SET at = at - interval '1 microsecond' WHERE id = {EVENT}",)),
    "edit flag": ("changed", (f"UPDATE audit_event SET sensitive = NOT sensitive WHERE id = {EVENT}",)),
    "edit fields": ("changed", (f"UPDATE audit_event SET fields = '{{}}' WHERE id = {EVENT}",)),
    "edit values": ("changed", (f"UPDATE audit_event SET changes_ct = NULL WHERE id = {EVENT}",)),
    "delete an event": ("missing_event", (f"DELETE FROM audit_event WHERE id = {EVENT}",)),
    "delete an event and its link": (
        "missing_link",
        (
            f"DELETE FROM audit_event WHERE id = {EVENT}",
            f"DELETE FROM audit_link WHERE sequence = {MIDDLE}",
        ),
    ),
    "delete and close the gap": (
        "changed",
        (
            f"DELETE FROM audit_event WHERE id = {EVENT}",
            f"CREATE TEMP TABLE gap AS SELECT {MIDDLE} AS at",
            "DELETE FROM audit_link WHERE sequence = (SELECT at FROM gap)",
            "UPDATE audit_link SET sequence = -sequence WHERE sequence > (SELECT at FROM gap)",
            "UPDATE audit_link SET sequence = -sequence - 1 WHERE sequence < 0",
            "UPDATE audit_head SET sequence = sequence - 1",
        ),
    ),
    "insert an event the sequencer never saw": ("unchained", (FORGED,)),
    "insert an event in place of another": (
        "changed",
        (
            FORGED,
            f"UPDATE audit_link SET event_id = '00000000-0000-7000-8000-000000000000' WHERE sequence = {MIDDLE}",
        ),
    ),
    "reorder two links": (
        "changed",
        (
            f"CREATE TEMP TABLE pair AS SELECT {MIDDLE} AS at",
            "UPDATE audit_link SET sequence = -1 WHERE sequence = (SELECT at FROM pair)",
            "UPDATE audit_link SET sequence = (SELECT at FROM pair) WHERE sequence = (SELECT at + 1 FROM pair)",
            "UPDATE audit_link SET sequence = (SELECT at + 1 FROM pair) WHERE sequence = -1",
        ),
    ),
    "swap two events between their links": (
        "changed",
        (
            f"CREATE TEMP TABLE ids AS SELECT sequence, event_id FROM audit_link WHERE sequence - {MIDDLE} IN (0, 1)",
            "ALTER TABLE audit_link DROP CONSTRAINT uq_audit_link_event_id",
            "UPDATE audit_link SET event_id = ids.event_id FROM ids"
            " WHERE audit_link.sequence IN (SELECT sequence FROM ids) AND audit_link.sequence <> ids.sequence",
        ),
    ),
    "change a link's hash": ("changed", (f"UPDATE audit_link SET hash = '\\x00' WHERE sequence = {MIDDLE}",)),
    "cut the tail": (
        "cut",
        (
            "CREATE TEMP TABLE tail AS SELECT max(sequence) - 3 AS at FROM audit_link",
            "DELETE FROM audit_event USING audit_link, tail WHERE id = event_id AND sequence > tail.at",
            "DELETE FROM audit_link USING tail WHERE sequence > tail.at",
        ),
    ),
    "cut the tail's links and set the head's number back": (
        "cut",
        (
            "CREATE TEMP TABLE tail AS SELECT max(sequence) - 3 AS at FROM audit_link",
            "DELETE FROM audit_link USING tail WHERE sequence > tail.at",
            "UPDATE audit_head SET sequence = tail.at FROM tail",
        ),
    ),
    "cut links, keep events, mend the head": (
        "unchained",
        (
            "CREATE TEMP TABLE tail AS SELECT max(sequence) - 3 AS at FROM audit_link",
            "DELETE FROM audit_link USING tail WHERE sequence > tail.at",
            "UPDATE audit_head SET sequence = tail.at, hash = audit_link.hash FROM tail, audit_link"
            " WHERE audit_link.sequence = tail.at",
        ),
    ),
    "set the head back": ("cut", ("UPDATE audit_head SET sequence = sequence - 1",)),
    "drop the head": ("cut", ("DELETE FROM audit_head",)),
    "drop the links": ("cut", ("DELETE FROM audit_link",)),
}


@pytest.mark.parametrize("way", TAMPERING)
async def test_tampering_shows(trail: Trail, way: str) -> None:
    await trail.write(20)
    await trail.chain_past()
    before = await trail.verify()
    assert before.intact
    problem, statements = TAMPERING[way]
    assert trail.tamper(*statements) >= 1
    verdict = await trail.verify()
    assert (verdict.intact, verdict.problem) == (False, problem)
    if problem in {"changed", "missing_event", "missing_link"}:
        assert verdict.broken_at is not None
        assert verdict.checked == verdict.broken_at - 1


async def test_an_edit_is_located_exactly(trail: Trail) -> None:
    await trail.write(10)
    await trail.chain()
    for sequence in (9, 5, 1):
        trail.tamper(
            f"UPDATE audit_event SET reason = 'x{sequence}' FROM audit_link"
            f" WHERE id = event_id AND sequence = {sequence}"
        )
        assert (await trail.verify()).broken_at == sequence


async def test_a_chain_rewritten_or_rolled_back_as_a_whole_shows_against_a_noted_link(trail: Trail) -> None:
    await trail.write(10)
    await trail.chain()
    noted = await trail.verify()
    anchor = (noted.checked, noted.hash)
    await trail.write(3)
    await trail.chain()
    assert (await trail.verify(anchor)).intact

    # the strongest attack from inside: change an event, throw the chain away and let it be made anew
    trail.tamper(
        "UPDATE audit_event SET actor_name = 'x' WHERE position = (SELECT min(position) FROM audit_event)",
        "DELETE FROM audit_link",
        "DELETE FROM audit_head",
    )
    await trail.chain()
    assert (await trail.verify()).intact
    verdict = await trail.verify(anchor)
    assert (verdict.intact, verdict.problem) == (False, "anchor")

    # an older state put back: shorter than what was noted
    trail.tamper(
        "DELETE FROM audit_event USING audit_link WHERE id = event_id AND sequence > 2",
        "DELETE FROM audit_link WHERE sequence > 2",
        "UPDATE audit_head SET sequence = 2, hash = (SELECT hash FROM audit_link WHERE sequence = 2)",
    )
    assert (await trail.verify()).intact
    assert (await trail.verify(anchor)).problem == "anchor"


async def test_events_not_chained_yet_are_pending_not_broken(trail: Trail) -> None:
    before = (await trail.verify()).checked
    await trail.write(4)
    verdict = await trail.verify()
    assert (verdict.intact, verdict.checked, verdict.pending) == (True, before, 4)
    assert await trail.chain() == 4
    verdict = await trail.verify()
    assert (verdict.intact, verdict.checked, verdict.pending) == (True, before + 4, 0)
