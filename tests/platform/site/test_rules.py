"""Colours that can be read, pictures that are pictures."""

from __future__ import annotations

import re

import pytest

from zhiren.site.rules import (
    MIN_CONTRAST,
    contrast,
    contrast_with_white,
    hex_colour,
    picture_type,
    readable,
    rgb,
    theme,
)

COLOURS = ["#0b7a65", "#1d4ed8", "#b91c1c", "#000000", "#767676", "#7c3aed", "#9d174d", "#14532d"]


@pytest.mark.parametrize(
    ("given", "colour"),
    [("#0B7A65", "#0b7a65"), ("1d4ed8 ", "#1d4ed8"), ("#fff", None), ("red", None), ("#0b7a65;}", None), ("", None)],
)
def test_colours_as_typed(given: str, colour: str | None) -> None:
    assert hex_colour(given) == colour


def test_contrast_as_the_guideline_counts_it() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)
    assert contrast_with_white("#ffffff") == 1


@pytest.mark.parametrize("colour", ["#ffffff", "#ffeb3b", "#00bcd4", "#f97316", "#0b7a65"])
def test_a_proposal_can_be_read(colour: str) -> None:
    assert contrast_with_white(readable(colour)) >= MIN_CONTRAST
    assert readable("#0b7a65") == "#0b7a65"


@pytest.mark.parametrize("accent", COLOURS)
def test_a_theme_can_be_read_by_day_and_by_night(accent: str) -> None:
    day, night = theme(accent).strip().split("\n")
    for sheet, ground in ((day, "#ffffff"), (night, "#121716")):
        colour = dict(re.findall(r"(--[\w-]+):(#[0-9a-f]{3,6})", sheet))
        assert contrast_with_white(colour["--tblr-primary"]) >= MIN_CONTRAST
        assert contrast(rgb(colour["--tblr-link-color"]), rgb(ground)) >= MIN_CONTRAST
        assert contrast(rgb(colour["--zr-accent-ink"]), rgb(colour["--zr-accent-soft"])) >= MIN_CONTRAST


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"RIFF....WEBPVP8 ", "image/webp"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
        (b"GIF89a", None),
        (b"", None),
    ],
)
def test_pictures(data: bytes, kind: str | None) -> None:
    assert picture_type(data) == kind
