"""Rebuilds the model's Unigram tokenizer, whole or cut down to a list of kept ids.

The pipeline is that of XLM-RoBERTa: the model's normalisation map, trailing blanks removed,
runs of spaces collapsed, blanks turned into U+2581, Viterbi over the pieces, ``<s> … </s>``.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

from models.charsmap import build_charsmap
from models.e5bin import Vocabulary
from models.errors import FormatError, ModelError

BOS, PAD, EOS, UNK, MASK = "<s>", "<pad>", "</s>", "<unk>", "<mask>"
SPECIALS = (BOS, PAD, EOS, UNK, MASK)
METASPACE = "\u2581"
WINDOW = 512
"""Longest input of the model in tokens, ``<s>`` and ``</s>`` among them."""

TOKENIZER_FILE = "tokenizer.json"


def keep_ids() -> NDArray[np.int32]:
    """Return the kept row numbers of the full vocabulary, ascending, shape (45615,).

    Kept are all-Han pieces, Han with digits or Latin, punctuation, symbols, and ASCII pieces
    frequent in English; the special tokens are among them.
    """
    with resources.files("models").joinpath("keep_ids.npy").open("rb") as stream:
        ids: NDArray[np.int32] = np.load(stream, allow_pickle=False)
    return ids


def all_ids(vocabulary: Vocabulary) -> NDArray[np.int32]:
    """Return every id of the full vocabulary, for a build without pruning."""
    return np.arange(len(vocabulary.pieces), dtype=np.int32)


def build_tokenizer(vocabulary: Vocabulary, ids: Sequence[int] | NDArray[np.int32]) -> Tokenizer:
    """Return the tokenizer over the pieces ``ids``; a piece's new id is its place in ``ids``.

    Offsets count characters of the input text. They are exact for prefixed text; where the
    very first character is one that normalisation removes, the library shifts them by one.
    Runs of unknown characters become a single ``<unk>``. Raises :class:`FormatError` when a
    special token is missing from ``ids``.
    """
    pieces = [(vocabulary.pieces[i], float(vocabulary.scores[i])) for i in ids]
    index = {piece: new for new, (piece, _) in enumerate(pieces)}
    missing = [token for token in SPECIALS if token not in index]
    if missing:
        message = f"special tokens missing from the kept vocabulary: {missing}"
        raise FormatError(message)
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=index[UNK], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(build_charsmap(vocabulary.normalisation)),
            normalizers.Strip(left=False, right=True),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(METASPACE, prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(METASPACE, prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A {EOS}",
        pair=f"{BOS} $A {EOS} {EOS} $B {EOS}",
        special_tokens=[(BOS, index[BOS]), (EOS, index[EOS])],
    )
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True, lstrip=token == MASK) for token in SPECIALS]
    )
    return tokenizer


def load_tokenizer(directory: Path) -> Tokenizer:
    """Return the tokenizer saved in the model ``directory``, without truncation or padding.

    Raises :class:`ModelError` when there is none.
    """
    path = directory / TOKENIZER_FILE
    if not path.is_file():
        message = f"no tokenizer at {path}"
        raise ModelError(message)
    tokenizer: Tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
