"""Compact patterns, written out: "(a|b) [c] d" stands for "a c d", "a d", "b c d", "b d"."""

from __future__ import annotations

import re

MOST = 600  # one line that says more than this is no longer readable

_PIECES = re.compile(r"[()\[\]|]|[^()\[\]|]+")


class PatternError(ValueError):
    """A pattern whose brackets do not match, or that says too much."""


def expand(pattern: str) -> list[str]:
    """Every sentence a pattern stands for, in the order it is written, without duplicates."""
    pieces = _PIECES.findall(pattern)
    sentences, rest = _alternatives(pieces, 0, "")
    if rest != len(pieces):
        raise PatternError(f"unmatched {pieces[rest]!r}")
    written = dict.fromkeys(" ".join(sentence.split()) for sentence in sentences)
    if len(written) > MOST:
        raise PatternError(f"stands for {len(written)} sentences, {MOST} is the most")
    return [sentence for sentence in written if sentence]


def _alternatives(pieces: list[str], at: int, closing: str) -> tuple[list[str], int]:
    done: list[str] = []
    current = [""]
    while at < len(pieces):
        piece = pieces[at]
        if piece == "|" and closing:
            done += current
            current = [""]
            at += 1
        elif piece in "([":
            inner, at = _alternatives(pieces, at + 1, ")" if piece == "(" else "]")
            if piece == "[":
                inner = [*inner, ""]
            current = [before + after for before in current for after in inner]
            if len(current) > 20 * MOST:
                raise PatternError("stands for far too many sentences")
        elif piece in ")]":
            if piece != closing:
                return done + current, at
            return done + current, at + 1
        else:
            current = [before + piece for before in current]
            at += 1
    if closing:
        raise PatternError(f"no {closing!r} to close it")
    return done + current, at
