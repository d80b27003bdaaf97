"""Whose browsers may be reached, and the key they know a customer by (RFC 8292)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

#: who runs push services for browsers; a page may name no other address for us to call
SERVICES: Final = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
    ".push.services.mozilla.com",
)


def new_keys() -> dict[str, str]:
    """A key pair for one customer: PEM, and what a browser is given to subscribe with."""
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key()
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {
        "private": private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "public": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "key": urlsafe_b64encode(point).rstrip(b"=").decode(),
    }


def known_service(endpoint: str, others: str = "") -> bool:
    """Whether ``endpoint`` is a push service of a browser, or of the space-separated hosts ``others``."""
    parts = urlsplit(endpoint)
    host = (parts.hostname or "").lower()
    if host in others.split():
        return parts.scheme in ("http", "https")
    named = any(host.endswith(one) if one.startswith(".") else host == one for one in SERVICES)
    return parts.scheme == "https" and parts.port in (None, 443) and named
