"""A key pair that everybody knows, for the demonstration and the tests.

Worth nothing: its public half is in no production slot (``licensing.keys``), and only the demonstration's composition
and the tests hand it to a ``Verifier``. A test in ``tests/architecture`` holds that nothing else imports this file.
"""

from __future__ import annotations

import hashlib
from typing import Final

PRIVATE_KEY: Final[bytes] = hashlib.sha256(b"zhiren demonstration licence key, worthless by design").digest()
PUBLIC_KEY: Final[str] = "494197d8fa97293b04d369d1d9f5f689a45e25fb232e4084f5f5c44f4bc98ae2"
