"""Text -> the numbers of its word pieces, as the small language model was trained to read it.

The vocabulary, bert-base-uncased.txt, is Google's (BERT, Apache License 2.0), unchanged: its SHA-256 is tested.
The method is BERT's for uncased English: https://github.com/google-research/bert, "Tokenization".
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

VOCABULARY = Path(__file__).with_name("bert-base-uncased.txt")


@lru_cache(maxsize=1)
def _numbers() -> dict[str, int]:
    return {piece: number for number, piece in enumerate(VOCABULARY.read_text("utf-8").splitlines())}


def word_pieces(text: str) -> list[int]:
    """The numbers of a text, between those of its beginning and its end."""
    numbers = _numbers()
    plain = "".join(sign for sign in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(sign) != "Mn")
    said = ["[CLS]"]
    for word in re.findall(r"[^\W_]+|[^\w\s]|_", plain):
        said += _split(word, numbers)
    return [numbers[piece] for piece in [*said, "[SEP]"]]


def _split(word: str, numbers: dict[str, int]) -> list[str]:
    """The longest known piece first, then the longest of what is left."""
    pieces: list[str] = []
    at = 0
    while at < len(word):
        mark = "##" if at else ""
        end = next((end for end in range(len(word), at, -1) if mark + word[at:end] in numbers), None)
        if end is None:
            return ["[UNK]"]
        pieces.append(mark + word[at:end])
        at = end
    return pieces
