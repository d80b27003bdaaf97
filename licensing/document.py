"""The licence itself: canonical bytes, an Ed25519 signature, and a text of one line that can be pasted.

``zhiren-licence-1.<payload>.<signature>``, both in base64url without padding. The signature is checked over the bytes
as they came, before anything in them is read; and only the one spelling of a licence is accepted, so that a file with
any bit changed is refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from licensing.errors import LicenceInvalid
from zhiren.i18n import _

PREFIX: Final = "zhiren-licence-1"
MAX_TEXT_BYTES: Final = 2048
#: a signature made for anything else never fits a licence
_DOMAIN: Final = b"zhiren licence version 1\x00"
_TEXT = re.compile(r"zhiren-licence-1\.([A-Za-z0-9_-]{1,1900})\.([A-Za-z0-9_-]{86})")
_BREAKS = re.compile(r"[ \t\r\n]+")


class Licence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was sold: to whom, which modules, for how many active employees, from and until which day (both count)."""

    version: Literal[1] = 1
    id: UUID
    customer: str
    #: the tenant's opaque id, or of the appliance
    tenant: str
    modules: tuple[str, ...]
    seats: int
    valid_from: date
    valid_until: date
    issued_at: datetime


_LICENCE: Final = msgspec.json.Decoder(Licence)


def _check(licence: Licence) -> None:
    if not licence.customer.strip() or not licence.tenant:
        raise ValueError("a licence names its customer and its tenant")
    if licence.seats < 1:
        raise ValueError("a licence has at least one seat")
    if licence.valid_until < licence.valid_from:
        raise ValueError("a licence ends after it begins")
    if list(licence.modules) != sorted(set(licence.modules)):
        raise ValueError("modules are named once each, in alphabetical order")
    if licence.issued_at.tzinfo is None:
        raise ValueError("issued_at has a time zone")


def canonical(licence: Licence) -> bytes:
    """The one spelling of a licence: JSON in UTF-8, keys sorted, no spaces, every field written."""
    return msgspec.json.encode(msgspec.to_builtins(licence) | {"version": 1}, order="sorted")


def sign(licence: Licence, private_key: bytes) -> str:
    """The licence as text. ``private_key`` is the 32-byte seed. Raises ValueError when the licence makes no sense."""
    _check(licence)
    payload = canonical(licence)
    signature = Ed25519PrivateKey.from_private_bytes(private_key).sign(_DOMAIN + payload)
    text = f"{PREFIX}.{_encode(payload)}.{_encode(signature)}"
    if len(text) > MAX_TEXT_BYTES:
        raise ValueError(f"the licence has {len(text)} bytes, more than {MAX_TEXT_BYTES}")
    return text


def tidy(text: str) -> str:
    """What a person pasted, without the line breaks and spaces that mail programs put in."""
    return _BREAKS.sub("", text)


class Verifier:
    """Reads licences signed with one of ``keys`` (hexadecimal public keys; empty slots accept nothing)."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = tuple(Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)) for key in keys if key)

    def read(self, text: str) -> Licence:
        """The licence in ``text``. Raises LicenceInvalid, saying whether it is none, changed, or not understood."""
        found = _TEXT.fullmatch(text) if len(text) <= MAX_TEXT_BYTES else None
        if found is None:
            raise LicenceInvalid(
                _("这不是知人的授权码。"), hint=_("授权码以 {prefix} 开头，请整段复制，不要遗漏。", prefix=PREFIX)
            )
        payload, signature = _decode(found[1]), _decode(found[2])
        if not any(_fits(key, signature, _DOMAIN + payload) for key in self._keys):
            raise LicenceInvalid(
                _("授权码的签名不对，可能在传送中被改动，或不是由本产品的服务商签发。"),
                hint=_("请向服务商重新索取，并整段复制。"),
            )
        # signed by us: only now is it read
        try:
            licence = _LICENCE.decode(payload)
            _check(licence)
        except (msgspec.ValidationError, ValueError) as error:
            raise LicenceInvalid(
                _("授权码是新版本的，这一版程序还不认识。"), hint=_("请先升级程序，再安装授权。")
            ) from error
        return licence


def _fits(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        data = b""
    # spare bits of the last letter could spell the same bytes in several ways
    return data if data and _encode(data) == text else b""
