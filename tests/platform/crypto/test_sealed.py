from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import UUID

import msgspec
import pytest
from sqlalchemy.orm import DeclarativeBase

from tests.platform.crypto.fakes import Clock, MemoryUnwrapper, new_keyring
from zhiren.context import Context, TenantRef, use
from zhiren.crypto import INT, JSON, SealBroken, Sealed, blind_column, json_of, sealed_column, sealed_fields
from zhiren.crypto.keyring import Keyring
from zhiren.db.base import Mapped, PrimaryKey, TenantBase
from zhiren.errors import KeyServiceUnavailable
from zhiren.ids import new_id


class Line(msgspec.Struct):
    item: str
    amount_fen: int


class Base(DeclarativeBase):
    """Not ``TenantBase``: a table of a test has no place in the product's schema."""

    __init__ = TenantBase.__init__


class Person(Base):
    __tablename__ = "test_person"
    id: Mapped[PrimaryKey]
    note: Mapped[str | None]
    id_number_ct: Mapped[bytes | None] = sealed_column()
    id_number_bidx: Mapped[bytes | None] = blind_column()
    base_fen_ct: Mapped[bytes | None] = sealed_column()
    extra_ct: Mapped[bytes | None] = sealed_column()
    lines_ct: Mapped[bytes | None] = sealed_column()
    id_number = Sealed[str | None]("id_number_ct", field_class="identity", blind="id_number_bidx", normalise=str.upper)
    base_fen = Sealed[int | None]("base_fen_ct", field_class="pay", codec=INT)
    extra = Sealed[Any]("extra_ct", field_class="contact", codec=JSON)
    lines = Sealed[list[Line]]("lines_ct", field_class="pay", codec=json_of(list[Line]))


@pytest.fixture
async def keyring() -> AsyncIterator[Keyring]:
    ring = new_keyring()
    await ring.ready()
    with use(Context(TenantRef(ring.tenant_id, "acme", "甲"), cast(Any, None), ring)):
        yield ring


def test_reads_and_writes_like_a_plain_attribute(keyring: Keyring) -> None:
    person = Person(id_number="11010519491231002x", base_fen=1_234_567, extra={"街道": ["长安街", None, 1]}, note="n")
    assert person.id_number == "11010519491231002x"
    assert person.base_fen == 1_234_567
    assert person.extra == {"街道": ["长安街", None, 1]}
    person.lines = [Line("基本工资", 800_000)]
    assert person.lines == [Line("基本工资", 800_000)]
    for column in (person.id_number_ct, person.base_fen_ct, person.extra_ct, person.lines_ct):
        assert column is not None
        assert "基本工资".encode() not in column
        assert b"11010519491231002" not in column


def test_none_clears_value_and_index(keyring: Keyring) -> None:
    person = Person(id_number="1")
    person.id_number = None
    assert person.id_number is None
    assert person.id_number_ct is None
    assert person.id_number_bidx is None
    assert Person().base_fen is None


@pytest.mark.parametrize("amount_fen", [0, 1, -1, 2**62, -(2**63)])
def test_amounts_of_every_size_look_the_same_from_outside(keyring: Keyring, amount_fen: int) -> None:
    person = Person(base_fen=amount_fen)
    assert person.base_fen == amount_fen
    assert len(person.base_fen_ct or b"") == len(Person(base_fen=7).base_fen_ct or b"")


@pytest.mark.parametrize("wrong", ["1", 1.0, True])
def test_wrong_types_are_refused_at_once(keyring: Keyring, wrong: Any) -> None:
    with pytest.raises(TypeError):
        Person(base_fen=wrong)


def test_too_large_an_integer_is_refused_not_cut(keyring: Keyring) -> None:
    with pytest.raises(OverflowError):
        Person(base_fen=2**63)


def test_a_copied_ciphertext_does_not_open_in_another_row_or_column(keyring: Keyring) -> None:
    rich, poor = Person(base_fen=9_000_000), Person(base_fen=100)
    poor.base_fen_ct = rich.base_fen_ct
    with pytest.raises(SealBroken):
        _ = poor.base_fen
    rich.id_number_ct = rich.base_fen_ct
    with pytest.raises(SealBroken):
        _ = rich.id_number


def test_blind_index_finds_the_same_value_however_it_is_spelt(keyring: Keyring) -> None:
    person = Person(id_number="11010519491231002x")
    assert person.id_number_bidx == Person.id_number.blind_index("11010519491231002X")
    condition = Person.id_number.matches("11010519491231002x").compile()
    assert condition.params == {"id_number_bidx_1": person.id_number_bidx}
    assert Person(id_number="2").id_number_bidx != person.id_number_bidx


def test_bulk_opens_models_and_result_rows_alike(keyring: Keyring) -> None:
    class Row(msgspec.Struct):
        id: UUID
        base_fen_ct: bytes | None

    people: list[Any] = [Person(base_fen=n) for n in range(100)]
    people.append(Row(people[0].id, people[0].base_fen_ct))
    people.append(Row(new_id(), None))
    assert Person.base_fen.open_rows(people) == [*range(100), 0, None]
    row_id = new_id()
    sealed = Person.lines.seal_value(row_id, [Line("奖金", 1)])
    assert Person.lines.open_values([(row_id, sealed), (row_id, None)]) == [[Line("奖金", 1)], None]


def test_outside_a_tenant_nothing_is_sealed_or_opened() -> None:
    with pytest.raises(LookupError):
        Person(base_fen=1)


async def test_without_keys_nothing_is_written_in_plain() -> None:
    keys, clock = MemoryUnwrapper(), Clock()
    ring = new_keyring(unwrapper=keys, clock=clock)
    await ring.ready()
    with use(Context(TenantRef(ring.tenant_id, "acme", "甲"), cast(Any, None), ring)):
        person = Person(base_fen=1)
        before = person.base_fen_ct
        keys.away = True
        clock.now_s += 60
        with pytest.raises(KeyServiceUnavailable):
            _ = person.base_fen
        with pytest.raises(KeyServiceUnavailable):
            person.base_fen = 2
        assert person.base_fen_ct == before
        # what is not sealed is still there
        person.note = "仍可读写"


def test_every_sealed_field_is_listed_with_its_class() -> None:
    assert [(field.name, field.field_class, field.blind) for field in sealed_fields(Base)] == [
        ("base_fen", "pay", None),
        ("extra", "contact", None),
        ("id_number", "identity", "id_number_bidx"),
        ("lines", "pay", None),
    ]


def test_a_field_of_no_class_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="field class"):
        Sealed[str]("x_ct", field_class="salary")
