"""Words of a picture, by PP-OCR models that come with the library: nothing is downloaded, nothing leaves."""

from __future__ import annotations

import math
from statistics import median
from typing import Any, Final

import cv2
import numpy
from rapidocr import RapidOCR

from modules.recruiting.resumes.document import Line
from modules.recruiting.resumes.readers.layout import Piece, lines_of

#: a process that is to be copied may have one thread only
_ONE_THREAD: Final = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    # a line at a time, as wide as it is: the library would fill short lines up to the widest of six
    "Rec.rec_batch_num": 1,
    "Rec.rec_img_shape": [3, 48, 48],
    "Det.limit_type": "max",
}
#: lines are looked for in a picture this wide (lying: so much wider), and read from the whole one. A sheet of A4 at
#: 100 dots an inch shows where its lines are, at a third of the time of 170.
_LOOK_WIDTH: Final = 864
_LYING: Final = 1.6


class Ocr:
    """Loaded once; each copy of the process uses it for one file."""

    def __init__(self) -> None:
        cv2.setNumThreads(0)
        self._engine = RapidOCR(params=dict(_ONE_THREAD))
        # the library loads its models when they are first asked: now, so that no copy loads them again
        self._read(_specimen())

    def lines(self, picture: Any, page: int) -> list[Line]:
        """``picture`` is rows × columns × RGB. A picture lying on its side is turned."""
        boxes, words, scores = self._read(picture)
        tall = sum(1 for box in boxes if _side(box, 1, 2) > 1.5 * _side(box, 0, 1))
        if boxes and tall > 0.6 * len(boxes):
            turned = [self._read(cv2.rotate(picture, way)) for way in (cv2.ROTATE_90_CLOCKWISE, 2)]
            boxes, words, scores = max(turned, key=lambda one: sum(one[2]))
        if not boxes:
            return []
        slope = math.tan(median(math.atan2(box[1][1] - box[0][1], box[1][0] - box[0][0]) for box in boxes))
        pieces = []
        for box, text, score in zip(boxes, words, scores, strict=True):
            x0, x1 = (box[0][0] + box[3][0]) / 2, (box[1][0] + box[2][0]) / 2
            middle = sum(point[1] for point in box) / 4
            # a sheet that lies askew: each piece where it would stand were it straight
            y = middle - slope * (x0 + x1) / 2
            pieces.append(
                Piece(str(text), x0 + slope * middle, x1 + slope * middle, y, _side(box, 1, 2) * 0.8, float(score))
            )
        return lines_of(pieces, page)

    def _read(self, picture: Any) -> tuple[list[Any], list[str], list[float]]:
        detector = self._engine.text_det
        if detector is not None:
            detector.limit_side_len = _longer_side(*picture.shape[:2])
        # BGR is what the models were trained on
        found: Any = self._engine(picture[:, :, ::-1].copy(), use_cls=False)
        if found.boxes is None or found.txts is None:
            return [], [], []
        return [box.tolist() for box in found.boxes], list(found.txts), list(found.scores)


def _specimen() -> Any:
    """A picture with a word on it, so that both models are asked."""
    picture = numpy.full((64, 320, 3), 255, numpy.uint8)
    return cv2.putText(picture, "2026", (20, 48), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (0, 0, 0), 3)


def _longer_side(height: int, width: int) -> int:
    """In pixels, of the picture in which lines are looked for; never more than there is."""
    wanted = _LOOK_WIDTH if height >= width else _LOOK_WIDTH * _LYING
    return round(max(height, width) * min(1.0, wanted / width))


def _side(box: Any, one: int, other: int) -> float:
    return math.dist(box[one], box[other])
