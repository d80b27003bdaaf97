"""The customer's own seal on letters: a key made here, kept sealed, and the certificate that goes into each PDF.

The certificate is the company's own word about itself, as no authority has checked it: a reader sees that nothing was
changed since, and that all letters come from one hand.
"""

from __future__ import annotations

import asyncio
import io
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from modules.recruiting.models import CatalogueEntry
from modules.recruiting.repository import settings as lists
from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import _

CODE: Final = "signing"
YEARS: Final = 10


async def sign(ctx: Context, pdf: bytes, *, reason: str) -> bytes:
    """``pdf`` with the customer's signature (PAdES, ISO 32000-2 12.8): any later change shows."""
    entry = await lists.entry(ctx.session, "settings", CODE) or await _make(ctx)
    key, certificate = (entry.secret or "").encode(), str(entry.data["certificate"]).encode()
    return await asyncio.to_thread(_signed, pdf, key, certificate, reason, ctx.tenant.name)


async def _make(ctx: Context) -> CatalogueEntry:
    key, certificate = await asyncio.to_thread(_new_pair, ctx.tenant.name)
    entry = CatalogueEntry(kind="settings", code=CODE, name=_("签名证书"), data={"certificate": certificate})
    entry.secret = key
    ctx.session.add(entry)
    await ctx.session.flush()
    audit.record(
        ctx, "recruiting.signing.make", object_type="recruiting.settings", object_id=entry.id, fields=["certificate"]
    )
    return entry


def _new_pair(company: str) -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, company[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, company[:64]),
        ]
    )
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


def _usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(pdf: bytes, key: bytes, certificate: bytes, reason: str, company: str) -> bytes:
    # loaded where it is used: most processes never sign
    from asn1crypto import keys as asn1_keys  # type: ignore[import-untyped]  # noqa: PLC0415
    from asn1crypto import x509 as asn1_x509  # noqa: PLC0415
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf  # noqa: PLC0415
    from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415
    from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415

    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(_der(certificate)),
        signing_key=asn1_keys.PrivateKeyInfo.load(_der(key)),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    meaning = PdfSignatureMetadata(
        field_name="Signature1", reason=reason, name=company, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    out = sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), meaning, signer)
    return bytes(out.getvalue())


def _der(armoured: bytes) -> bytes:
    """What stands between the lines of a PEM."""
    return b64decode(b"".join(line for line in armoured.splitlines() if not line.startswith(b"-----")))
