"""Employee numbers as customers give them: letters, then digits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_FORM = re.compile(r"(.*?)(\d+)")


def following(known: Sequence[str]) -> str:
    """The number after the greatest of the commonest form; ``0001`` when there is none."""
    read = [match for number in known if (match := _FORM.fullmatch(number))]
    if not read:
        return "0001"
    forms = Counter((match[1], len(match[2])) for match in read)
    (prefix, width), _count = max(forms.items(), key=lambda item: (item[1], item[0]))
    last = max(int(match[2]) for match in read if (match[1], len(match[2])) == (prefix, width))
    return f"{prefix}{last + 1:0{width}d}"
