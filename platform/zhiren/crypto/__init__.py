"""Keys and sealed fields: data at rest that a database administrator cannot read (docs/decisions/0003)."""

from zhiren.crypto.box import Box, LentBox, LentKeys
from zhiren.crypto.errors import SealBroken, TenantKeyDisabled
from zhiren.crypto.keyring import Keyring
from zhiren.crypto.models import DataKey
from zhiren.crypto.sealed import (
    INT,
    JSON,
    TEXT,
    Codec,
    Sealed,
    SealedField,
    blind_column,
    json_of,
    sealed_column,
    sealed_fields,
)
from zhiren.crypto.service import KeyProvisioner, KeyService
from zhiren.crypto.vault import VaultKeyProvisioner, VaultKeyService

#: tables of this room
MODELS = (DataKey,)

__all__ = [
    "INT",
    "JSON",
    "MODELS",
    "TEXT",
    "Box",
    "Codec",
    "DataKey",
    "KeyProvisioner",
    "KeyService",
    "Keyring",
    "LentBox",
    "LentKeys",
    "SealBroken",
    "Sealed",
    "SealedField",
    "TenantKeyDisabled",
    "VaultKeyProvisioner",
    "VaultKeyService",
    "blind_column",
    "json_of",
    "sealed_column",
    "sealed_fields",
]
