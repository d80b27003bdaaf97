"""Sealing and opening with keys that are at hand."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag

from zhiren.crypto import envelope
from zhiren.crypto.errors import key_service_unavailable, seal_broken


@dataclass(frozen=True, slots=True)
class Keys:
    """Unwrapped keys, dead at ``expires_s`` (of ``time.monotonic``) whatever happens."""

    unwrapped_s: float
    expires_s: float
    boxes: dict[int, envelope.Cipher] = field(default_factory=dict)
    #: purpose -> (number, suite, active from), newest first
    order: dict[str, list[tuple[int, int, datetime]]] = field(default_factory=dict)
    #: number -> key, to be handed to a helper process
    material: dict[int, bytes] = field(default_factory=dict, repr=False)
    blind: bytes = field(default=b"", repr=False)

    def add(self, purpose: str, number: int, suite: int, active_from: datetime, material: bytes) -> None:
        self.boxes[number] = envelope.cipher(suite, material)
        self.material[number] = material
        entries = self.order.setdefault(purpose, [])
        entries.append((number, suite, active_from))
        entries.sort(key=lambda entry: (entry[2], entry[0]), reverse=True)

    def current(self, purpose: str) -> tuple[int, int]:
        """Number and suite of the newest key that everybody knows by now."""
        entries = self.order[purpose]
        if len(entries) > 1:
            now = datetime.now(UTC)
            for number, suite, active_from in entries:
                if active_from <= now:
                    return number, suite
        return entries[-1][0], entries[-1][1]


class Box(ABC):
    """Seals and opens one tenant's values."""

    def __init__(self, tenant_id: str) -> None:
        self.tenant_id = tenant_id
        self._places: dict[tuple[str, str], bytes] = {}

    @abstractmethod
    def _held(self) -> Keys:
        """The keys, while they may be used. Raises KeyServiceUnavailable."""

    def seal(self, table: str, column: str, row_id: UUID, plain: bytes, *, purpose: str = "fields") -> bytes:
        """Seals ``plain`` to its place: it opens nowhere else."""
        keys = self._held()
        number, suite = keys.current(purpose)
        return envelope.seal(
            keys.boxes[number], envelope.header(suite, number), self._place(table, column) + row_id.bytes, plain
        )

    def open(self, table: str, column: str, row_id: UUID, sealed: bytes) -> bytes:
        """Raises SealBroken when the value was changed or moved here from elsewhere."""
        try:
            return self._open(self._held(), self._place(table, column), row_id, sealed)
        except (InvalidTag, KeyError, IndexError) as error:
            raise seal_broken() from error

    def open_many(self, table: str, column: str, items: Iterable[tuple[UUID, bytes | None]]) -> list[bytes | None]:
        """A column of many rows at once, in order; None stays None."""
        keys, place, one = self._held(), self._place(table, column), self._open
        try:
            return [None if sealed is None else one(keys, place, row_id, sealed) for row_id, sealed in items]
        except (InvalidTag, KeyError, IndexError) as error:
            raise seal_broken() from error

    @staticmethod
    def _open(keys: Keys, place: bytes, row_id: UUID, sealed: bytes) -> bytes:
        if sealed[0] != envelope.VERSION:
            raise InvalidTag
        box = keys.boxes[sealed[2] << 8 | sealed[3]]
        return envelope.unseal(box, place + row_id.bytes, sealed)

    def _place(self, table: str, column: str) -> bytes:
        place = self._places.get((table, column))
        if place is None:
            place = self._places[table, column] = envelope.place(self.tenant_id, table, column)
        return place


class LentKey(msgspec.Struct, frozen=True, array_like=True):
    number: int
    suite: int
    active_from: datetime
    material: bytes

    def __repr__(self) -> str:
        return f"LentKey({self.number})"


class LentKeys(msgspec.Struct, frozen=True, array_like=True):
    """A tenant's keys on their way to a helper process of this machine: in memory and through a pipe, never stored."""

    tenant_id: str
    #: of ``time.monotonic``, which all processes of a machine share
    expires_s: float
    fields: tuple[LentKey, ...]


class LentBox(Box):
    """Works with keys that were lent, and not a moment longer than their owner may."""

    def __init__(self, lent: LentKeys, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(lent.tenant_id)
        self._clock = clock
        self._keys = Keys(lent.expires_s, lent.expires_s)
        for key in lent.fields:
            self._keys.add("fields", key.number, key.suite, key.active_from, key.material)

    def _held(self) -> Keys:
        if self._clock() >= self._keys.expires_s:
            raise key_service_unavailable()
        return self._keys
