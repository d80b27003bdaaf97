"""Files that are handed over and kept nowhere on the way."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from litestar import Response

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF: Final = "application/pdf"


def download(name: str, content: bytes, media_type: str) -> Response[bytes]:
    plain = "payroll" + name[name.rindex(".") :]
    disposition = f"attachment; filename={plain}; filename*=UTF-8''{quote(name, safe='')}"
    return Response(
        content, media_type=media_type, headers={"content-disposition": disposition, "cache-control": "no-store"}
    )
