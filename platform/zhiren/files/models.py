"""What is stored of a file: a row that says what it is, and its bytes in sealed chunks."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from zhiren.crypto import Sealed, json_of, sealed_column
from zhiren.db.base import CreatedAt, PrimaryKey, TenantBase
from zhiren.files.schemas import Named


class FileObject(TenantBase):
    """One file. Its name and hash are sealed: a name tells of a person, a hash which document it is."""

    __tablename__ = "file_object"
    __table_args__ = (
        CheckConstraint("size_bytes >= 0", name="size_bytes"),
        CheckConstraint("(owner_type is null) = (owner_id is null)", name="owner"),
        Index(None, "owner_type", "owner_id", postgresql_where=text("owner_id is not null")),
        Index(None, "keep_until", postgresql_where=text("keep_until is not null")),
    )
    id: Mapped[PrimaryKey]
    #: which part of the product stored it, and alone reads it
    room: Mapped[str]
    owner_type: Mapped[str | None]
    owner_id: Mapped[UUID | None]
    media_type: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    named_ct: Mapped[bytes] = sealed_column(nullable=False)
    #: the last day on which it is there; housekeeping erases it afterwards
    keep_until: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[CreatedAt]

    named = Sealed[Named]("named_ct", field_class="contact", codec=json_of(Named))


class FileChunk(TenantBase):
    """At most 1 MiB of a file, sealed to the file and to its place in it: chunks cannot be swapped or left out."""

    __tablename__ = "file_chunk"
    file_id: Mapped[UUID] = mapped_column(ForeignKey("file_object.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    data_ct: Mapped[bytes] = mapped_column(LargeBinary, info={"sealed": True})


MODELS: tuple[type[TenantBase], ...] = (FileObject, FileChunk)
