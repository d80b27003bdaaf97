"""A roster as a Chinese HR office keeps it, with one cell that is wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from ops.demo import roster

#: in the row of this person
FAULTY: Final = "QM0075"
#: where nobody would look for the city
CITY_HEADING: Final = "坐标"


def faulty_csv(staff: Sequence[roster.Person]) -> bytes:
    """GB 18030, as Chinese offices save it; the last character of one ID number is not what it has to be."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([CITY_HEADING if title == "工作城市" else title for title in roster.HEADINGS])
    column = roster.HEADINGS.index("身份证号")
    for person in staff:
        row = list(person.row())
        if person.number == FAULTY:
            row[column] = wrong(person.id_number)
        writer.writerow(row)
    return out.getvalue().encode("gb18030")


def wrong(id_number: str) -> str:
    return id_number[:-1] + ("1" if id_number[-1] != "1" else "2")
