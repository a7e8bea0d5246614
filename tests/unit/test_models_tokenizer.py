"""Normalisation and tokenisation, on a small vocabulary made here."""

import unicodedata

import numpy as np
import pytest
from tokenizers import normalizers

from models.charsmap import build_charsmap
from models.e5bin import Vocabulary
from models.errors import FormatError
from models.tokenizer import build_tokenizer, keep_ids

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "技术", "技", "术", "～", "~", "A", "▁Ж", "<mask>"]
SCORES = [0, 0, 0, 0, -2, -3, -5, -5, -6, -6, -4, -7, 0]
MAP = {ord("Ａ"): "A", ord("\n"): " ", 0x3000: " ", 0x200B: "", ord("㎡"): "m2"}


@pytest.fixture
def vocabulary() -> Vocabulary:
    scores = np.array(SCORES, dtype=np.float32)
    return Vocabulary(tuple(PIECES), scores, bos=0, eos=2, pad=1, unk=3, normalisation=MAP)


def tokens(vocabulary: Vocabulary, text: str, ids: list[int] | None = None) -> list[str]:
    chosen = list(range(len(PIECES))) if ids is None else ids
    return build_tokenizer(vocabulary, chosen).encode(text).tokens


def test_fullwidth_tilde_is_kept(vocabulary: Vocabulary) -> None:
    assert unicodedata.normalize("NFKC", "～") == "~"  # what a general form would do
    assert tokens(vocabulary, "A～") == ["<s>", "▁", "A", "～", "</s>"]


def test_map_is_applied(vocabulary: Vocabulary) -> None:
    assert tokens(vocabulary, "Ａ\u200b技术") == ["<s>", "▁", "A", "技术", "</s>"]


def test_blanks_collapse_and_trailing_ones_go(vocabulary: Vocabulary) -> None:
    assert tokens(vocabulary, "A\n\u3000 A \n") == ["<s>", "▁", "A", "▁", "A", "</s>"]


def test_offsets_point_into_the_original(vocabulary: Vocabulary) -> None:
    text = "A\u200bＡ㎡技术"
    encoding = build_tokenizer(vocabulary, range(len(PIECES))).encode(text)
    start, end = encoding.offsets[encoding.tokens.index("技术")]
    assert text[start:end] == "技术"


def test_pruning_renumbers_and_falls_back_to_parts(vocabulary: Vocabulary) -> None:
    kept = [i for i, piece in enumerate(PIECES) if piece not in {"技术", "▁Ж"}]
    tokenizer = build_tokenizer(vocabulary, kept)
    encoding = tokenizer.encode("技术Ж")
    assert [PIECES[kept[i]] for i in encoding.ids[:4]] == ["<s>", "▁", "技", "术"]
    assert encoding.ids[-2] == tokenizer.token_to_id("<unk>")


def test_special_tokens_must_be_kept(vocabulary: Vocabulary) -> None:
    with pytest.raises(FormatError, match="<mask>"):
        build_tokenizer(vocabulary, range(len(PIECES) - 1))


def test_charsmap_changes_mapped_characters_only() -> None:
    points = [*range(0xC0, 0x180), *range(0x2460, 0x2500), *range(0xFF01, 0xFF5E), 0x1F100]
    mapping = {point: f"<{point:x}>" for point in points}
    normaliser = normalizers.Precompiled(build_charsmap(mapping))
    for point in [*range(0x20, 0x2600), *range(0xFF00, 0xFFF0), 0x1F100, 0x1F101]:
        wanted = mapping.get(point, chr(point))
        assert normaliser.normalize_str(f"x{chr(point)}") == f"x{wanted}"[:1] + wanted


def test_charsmap_refuses_nul() -> None:
    with pytest.raises(ValueError, match="NUL"):
        build_charsmap({0: "x"})


def test_kept_ids_hold_the_special_tokens() -> None:
    ids = keep_ids()
    assert ids[:4].tolist() == [0, 1, 2, 3]
    assert ids[-1] == 250001
    assert (np.diff(ids) > 0).all()
