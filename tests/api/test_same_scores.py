"""One pipeline: API, `jiebang match` and `jiebang eval --system served` say the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpora.sample import DIRECTORY
from matcher.listing import Direction
from service.settings import Settings
from tests.accounts import admin_client
from tests.server import jiebang

TOP = 10


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A slice of the sample corpus: 60 achievements, 8 needs."""
    folder = tmp_path_factory.mktemp("slice")
    (folder / "qrels").mkdir()
    corpus = (DIRECTORY / "corpus.jsonl").read_text(encoding="utf-8").splitlines()[:60]
    needs = (DIRECTORY / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    queries = [line for line in needs if json.loads(line)["metadata"]["answerable"]][:8]
    (folder / "corpus.jsonl").write_text("\n".join(corpus) + "\n", encoding="utf-8")
    (folder / "queries.jsonl").write_text("\n".join(queries) + "\n", encoding="utf-8")
    ids = [json.loads(line)["_id"] for line in queries]
    first = json.loads(corpus[0])["_id"]
    lines = ["query-id\tcorpus-id\tscore", *(f"{id_}\t{first}\t1" for id_ in ids)]
    (folder / "qrels" / "test.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("direction", list(Direction))
def test_api_match_and_eval_agree(
    dataset: Path, home: Path, settings: Settings, tmp_path: Path, direction: Direction
) -> None:
    matched = jiebang(
        home, "match", "--needs", str(dataset / "queries.jsonl"), "--achievements",
        str(dataset / "corpus.jsonl"), "--top-k", str(TOP), "--direction", direction.value,
        "--format", "jsonl", "--out", str(tmp_path / "match.jsonl"),
    )  # fmt: skip
    assert matched.returncode == 0, matched.stderr
    evaluated = jiebang(
        home, "eval", str(dataset), "--system", "served", "--direction", direction.value,
        "--out", str(tmp_path / "eval"),
    )  # fmt: skip
    assert evaluated.returncode == 0, evaluated.stderr
    query_key = "need_id" if direction is Direction.NEED_TO_ACHIEVEMENT else "achievement_id"
    other_key = "achievement_id" if query_key == "need_id" else "need_id"
    from_files = {}
    for line in (tmp_path / "match.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        from_files[row[query_key]] = [(m[other_key], m["score"]) for m in row["matches"]]
    from_eval: dict[str, list[tuple[str, float]]] = {}
    trec = tmp_path / "eval" / f"served.{direction.value}.trec"
    for line in trec.read_text(encoding="utf-8").splitlines():
        query, _, document, rank, score, _ = line.split()
        if int(rank) <= TOP:
            from_eval.setdefault(query, []).append((document, float(score)))
    with admin_client(settings) as client:
        for kind, file in (("achievement", "corpus.jsonl"), ("need", "queries.jsonl")):
            sent = client.post(
                "/api/imports",
                data={"kind": kind},
                files={"file": (file, (dataset / file).read_bytes())},
            ).json()
            assert sent["rejected"] == 0
        plural = f"{direction.query_kind}s"
        assert from_eval
        for query, expected in from_eval.items():
            answer = client.get(
                f"/api/{plural}/{query}/matches", params={"top_k": TOP, "min_seq": sent["seq"]}
            ).json()
            from_api = [(m[other_key], m["score"]) for m in answer["matches"]]
            assert from_api == expected == from_files[query]
