"""Sealed fields on models: two columns in the table, one attribute in the code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar, overload
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, LargeBinary
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column

from zhiren.context import current
from zhiren.crypto.box import Box
from zhiren.crypto.keyring import Keyring
from zhiren.db.base import TenantBase

T = TypeVar("T")

#: who may see a field: permission ``field.<class>.read``
#: "secret" is what nobody reads, such as the seed of a second factor
FIELD_CLASSES = ("pay", "identity", "contact", "secret")


class Codec(Protocol):
    """Turns a value into bytes and back. Lengths stay visible in a ciphertext: a codec should not tell by them."""

    def encode(self, value: Any) -> bytes: ...
    def decode(self, data: bytes) -> Any: ...


class _Text:
    def encode(self, value: Any) -> bytes:
        if not isinstance(value, str):
            raise TypeError("a sealed text field takes a str")
        return value.encode()

    def decode(self, data: bytes) -> str:
        return data.decode()


class _Int:
    """Always eight bytes: the length does not tell a small salary from a large one."""

    def encode(self, value: Any) -> bytes:
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError("a sealed integer field takes an int")
        return value.to_bytes(8, "big", signed=True)

    def decode(self, data: bytes) -> int:
        return int.from_bytes(data, "big", signed=True)


class _Json:
    def __init__(self, kind: Any = Any) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(kind)

    def encode(self, value: Any) -> bytes:
        return self._encoder.encode(value)

    def decode(self, data: bytes) -> Any:
        return self._decoder.decode(data)


TEXT: Codec = _Text()
INT: Codec = _Int()
#: any builtin, as msgpack; comes back as builtins
JSON: Codec = _Json()


def json_of(kind: Any) -> Codec:
    """Msgpack of a type msgspec knows (a struct, ``list[Line]``), checked when read back."""
    return _Json(kind)


def sealed_column(*, nullable: bool = True) -> MappedColumn[Any]:
    """The column of a ciphertext. Name it ``<field>_ct``."""
    return mapped_column(LargeBinary, nullable=nullable, info={"sealed": True})


def blind_column(*, index: bool = True, unique: bool = False) -> MappedColumn[Any]:
    """The column of a blind index, for search by equality. Name it ``<field>_bidx``."""
    return mapped_column(LargeBinary, nullable=True, index=index and not unique, unique=unique, info={"blind": True})


@dataclass(frozen=True, slots=True)
class SealedField:
    """One sealed field of the product, as a data map lists it."""

    table: str
    name: str
    column: str
    field_class: str
    blind: str | None


class Sealed(Generic[T]):
    """A field that is sealed in the table and plain in the code.

    Reading opens with the current context's keyring, writing seals at once to the row's id, which must be known.
    ``Sealed[str | None]`` where the column may be null: None stays None, and is not sealed. Raises
    KeyServiceUnavailable or SealBroken where the value cannot be had.
    """

    def __init__(
        self,
        column: str,
        *,
        field_class: str,
        codec: Codec = TEXT,
        blind: str | None = None,
        normalise: Callable[[str], str] | None = None,
        row_id: str = "id",
        blind_purpose: str | None = None,
    ) -> None:
        if field_class not in FIELD_CLASSES:
            raise ValueError(f"unknown field class {field_class!r}: one of {', '.join(FIELD_CLASSES)}")
        if blind is not None and codec is not TEXT:
            raise ValueError("only a text field can have a blind index")
        self.column = column
        self.field_class = field_class
        self.codec = codec
        self.blind = blind
        self.row_id = row_id
        self.name = ""
        self._normalise = normalise
        self._blind_purpose = blind_purpose
        self._owner: type[Any] | None = None

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name = name
        self._owner = owner

    @overload
    def __get__(self, row: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type[Any]) -> T: ...
    def __get__(self, row: object | None, owner: type[Any]) -> Self | T:
        if row is None:
            return self
        sealed = getattr(row, self.column)
        if sealed is None:
            return None  # type: ignore[return-value]  # T allows None where the column does
        plain = _keyring().open(_table(row), self.column, getattr(row, self.row_id), sealed)
        return self.codec.decode(plain)  # type: ignore[no-any-return]

    def __set__(self, row: object, value: T | None) -> None:
        if value is None:
            setattr(row, self.column, None)
            if self.blind is not None:
                setattr(row, self.blind, None)
            return
        row_id = getattr(row, self.row_id)
        if row_id is None:
            raise ValueError(f"{self.name} is sealed to its row: give the row its id first")
        setattr(row, self.column, _keyring().seal(_table(row), self.column, row_id, self.codec.encode(value)))
        if self.blind is not None:
            setattr(row, self.blind, self.blind_index(str(value)))

    # ---- in bulk

    def seal_value(self, row_id: UUID, value: T | None, keyring: Box | None = None) -> bytes | None:
        """The ciphertext for a row that is written without a model, by COPY for instance."""
        if value is None:
            return None
        return (keyring or _keyring()).seal(self.table, self.column, row_id, self.codec.encode(value))

    def open_values(self, items: Iterable[tuple[UUID, bytes | None]], keyring: Box | None = None) -> list[T | None]:
        """Opens pairs of row id and ciphertext, in order."""
        return self.open_values_as(self.codec, items, keyring)

    def open_values_as(
        self, codec: Codec, items: Iterable[tuple[UUID, bytes | None]], keyring: Box | None = None
    ) -> list[Any]:
        """Like ``open_values``, read by another codec: one that takes a part of a large document."""
        decode = codec.decode
        opened = (keyring or _keyring()).open_many(self.table, self.column, items)
        return [None if plain is None else decode(plain) for plain in opened]

    def open_rows(self, rows: Sequence[Any], keyring: Box | None = None) -> list[T | None]:
        """Opens this field of models, or of result rows that carry the id and the sealed column by name."""
        row_id, column = self.row_id, self.column
        return self.open_values(((getattr(row, row_id), getattr(row, column)) for row in rows), keyring)

    # ---- search

    def blind_index(self, value: str, keyring: Keyring | None = None) -> bytes:
        """What ``value`` looks like in the blind index; spelling is normalised first."""
        if self.blind is None:
            raise TypeError(f"{self.name} has no blind index")
        if self._normalise is not None:
            value = self._normalise(value)
        return (keyring or _keyring()).blind(self._blind_purpose or f"{self.table}.{self.blind}", value)

    def matches(self, value: str) -> ColumnElement[bool]:
        """A condition for ``where``: the field equals ``value``."""
        index = self.blind_index(value)
        return getattr(self._owner, self.blind or "") == index  # type: ignore[no-any-return]

    @property
    def table(self) -> str:
        if self._owner is None:
            raise TypeError("a sealed field belongs on a model")
        return str(self._owner.__tablename__)


def _keyring() -> Keyring:
    return current().keyring


def _table(row: object) -> str:
    return str(type(row).__tablename__)  # type: ignore[attr-defined]


def sealed_fields(base: type[DeclarativeBase] = TenantBase) -> list[SealedField]:
    """Every sealed field of every model that is loaded, by table and name."""
    found = []
    for mapper in base.registry.mappers:
        model = mapper.class_
        for ancestor in model.__mro__:
            for name, value in vars(ancestor).items():
                if isinstance(value, Sealed):
                    table = str(model.__tablename__)
                    found.append(SealedField(table, name, value.column, value.field_class, value.blind))
    return sorted(found, key=lambda field: (field.table, field.name))
