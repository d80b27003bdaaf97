"""Files of a customer, sealed in its own schema: row and bytes commit together (docs/decisions/0010).

A room keeps a ``FileRef.id`` and asks with its own name: what one room stored, no other reads by mistake.
"""

from zhiren.audit import describe
from zhiren.files.errors import FileNotFound, FileTooLarge
from zhiren.files.models import MODELS
from zhiren.files.rules import safe_name
from zhiren.files.schemas import MAX_FILE_BYTES, UPLOAD_BODY_BYTES, FileRef
from zhiren.files.service import adopt, erase, erase_of, forget_expired, known, put, read, ref, refs
from zhiren.files.web import response
from zhiren.i18n import N_

describe(
    objects={"files.file": N_("文件")},
    actions={"files.file.erase": N_("彻底删除文件")},
    verbs={"adopt": N_("归档")},
    fields={"size_bytes": N_("大小"), "sha256": N_("SHA-256"), "owner": N_("属于"), "keep_until": N_("保存到")},
)

__all__ = [
    "MAX_FILE_BYTES",
    "MODELS",
    "UPLOAD_BODY_BYTES",
    "FileNotFound",
    "FileRef",
    "FileTooLarge",
    "adopt",
    "erase",
    "erase_of",
    "forget_expired",
    "known",
    "put",
    "read",
    "ref",
    "refs",
    "response",
    "safe_name",
]
