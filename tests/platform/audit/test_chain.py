from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiren.audit import AuditEvent
from zhiren.audit.chain import HASHED, first_hash, link_hash

VALUE = st.one_of(
    st.none(),
    st.text(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.uuids(),
    st.binary(),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(st.text()),
)


def test_every_stored_field_of_an_event_is_hashed() -> None:
    assert set(HASHED) == set(AuditEvent.__table__.c.keys())
    assert len(HASHED) == len(set(HASHED))


@given(st.lists(VALUE, max_size=4), st.lists(VALUE, max_size=4))
def test_different_events_never_hash_alike(one: list[Any], two: list[Any]) -> None:
    same = one == two and [type(value) for value in one] == [type(value) for value in two]
    assert (link_hash(1, b"", one) == link_hash(1, b"", two)) == same


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (["ab", "c"], ["a", "bc"]),
        ([["a", "b"]], [["ab"]]),
        ([None], [""]),
        ([""], [[]]),
        ([1], [True]),
        (["1"], [1]),
        ([b"a"], ["a"]),
        ([None, "a"], ["a", None]),
        ([datetime(2026, 1, 1, microsecond=1, tzinfo=UTC)], [datetime(2026, 1, 1, microsecond=2, tzinfo=UTC)]),
    ],
)
def test_a_shifted_boundary_shows(one: list[Any], two: list[Any]) -> None:
    assert link_hash(1, b"", one) != link_hash(1, b"", two)


def test_a_link_depends_on_its_number_its_predecessor_and_the_tenant() -> None:
    event = ["x"]
    genesis = first_hash("t_aaaaaaaaaaaaaaaa")
    hashes = {
        link_hash(1, genesis, event),
        link_hash(2, genesis, event),
        link_hash(1, link_hash(1, genesis, event), event),
        link_hash(1, first_hash("t_bbbbbbbbbbbbbbbb"), event),
    }
    assert len(hashes) == 4


def test_the_format_is_what_it_was() -> None:
    """Chains made by an older release must verify for ever: this value never changes."""
    event = [UUID(int=1), 2, "张三", ["a", "b"], None, True, b"\0", datetime(2026, 11, 22, tzinfo=UTC)]
    assert (
        link_hash(1, first_hash("t_aaaaaaaaaaaaaaaa"), event).hex()
        == "5a39ce9ff4c09a7e864644b7a24de81dc62d80df996d334ae961d0093d7ca058"
    )


def test_a_type_without_a_canonical_form_is_refused() -> None:
    with pytest.raises(TypeError):
        link_hash(1, b"", [1.5])
