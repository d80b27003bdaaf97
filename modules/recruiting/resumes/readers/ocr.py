"""Words of a picture, by PP-OCR models that come with the library: nothing is downloaded, nothing leaves."""

from __future__ import annotations

import math
from statistics import median
from typing import Any, Final

import cv2
from rapidocr import RapidOCR

from modules.recruiting.resumes.document import Line
from modules.recruiting.resumes.readers.layout import Piece, lines_of

#: a process that is to be copied may have one thread only
_ONE_THREAD: Final = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


class Ocr:
    """Loaded once; each copy of the process uses it for one file."""

    def __init__(self) -> None:
        cv2.setNumThreads(0)
        self._engine = RapidOCR(params=dict(_ONE_THREAD))

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
        # BGR is what the models were trained on
        found: Any = self._engine(picture[:, :, ::-1].copy(), use_cls=False)
        if found.boxes is None or found.txts is None:
            return [], [], []
        return [box.tolist() for box in found.boxes], list(found.txts), list(found.scores)


def _side(box: Any, one: int, other: int) -> float:
    return math.dist(box[one], box[other])
