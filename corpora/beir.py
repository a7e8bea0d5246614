"""Test collections in the BEIR layout: `corpus.jsonl`, `queries.jsonl`, `qrels/SPLIT.tsv`.

A row of the two JSONL files has `_id`, `title`, `text` and, optionally, `metadata` with our field
names or their short forms. The body of its listing is exactly `text`; metadata gives the facets.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from corpora.jsonl import beir_row, json_lines
from corpora.normal import clean
from corpora.problems import FileError, Notice
from corpora.rows import RawRow, RowReader
from matcher.listing import Kind, Listing

Qrels = dict[str, dict[str, int]]

_LAYOUT = "文件夹里应有 corpus.jsonl、queries.jsonl 和 qrels/名称.tsv"
_COLUMNS = 3
_TREC_COLUMNS = 4


@dataclass(frozen=True)
class Dataset:
    """A test collection: what is searched, the queries of one split and their judgements.

    `qrels[query][listing]` is a grade, 0 for judged and not relevant. Every query of `queries` has
    a row in `qrels`; one without a grade above 0 is unanswerable.
    """

    name: str
    split: str
    corpus: list[Listing]
    queries: list[Listing]
    qrels: Qrels
    warnings: list[Notice] = field(default_factory=list)

    @property
    def answerable(self) -> list[str]:
        """Queries with at least one grade above 0, in order."""
        return [q.id for q in self.queries if any(g > 0 for g in self.qrels[q.id].values())]

    @property
    def unanswerable(self) -> list[str]:
        """Queries that nothing in the corpus answers, in order."""
        found = set(self.answerable)
        return [q.id for q in self.queries if q.id not in found]


def splits(directory: Path) -> list[str]:
    """Names of the splits of a collection, sorted."""
    return sorted(path.stem for path in (directory / "qrels").glob("*.tsv"))


def load_dataset(
    directory: Path,
    split: str | None = None,
    *,
    corpus_kind: Kind = Kind.ACHIEVEMENT,
    query_kind: Kind = Kind.NEED,
) -> Dataset:
    """Read a collection; its queries are those that `qrels/SPLIT.tsv` names.

    Where there is one split only, queries without a judgement are in it too, as unanswerable ones.

    Without `split` the only one there is, or `test`. Raises FileError, naming file and line, when a
    file is missing or a line cannot be read, and for a judged query that `queries.jsonl` lacks.
    """
    chosen = _choose(directory, split)
    qrels = read_qrels(directory / "qrels" / f"{chosen}.tsv")
    corpus, corpus_notices, _ = _listings(directory / "corpus.jsonl", corpus_kind)
    # with several splits a query that this one does not judge belongs to another; with one it is a
    # query that nothing answers
    wanted = qrels if len(splits(directory)) > 1 else None
    queries, query_notices, unanswerable = _listings(
        directory / "queries.jsonl", query_kind, wanted
    )
    for query in queries:
        qrels.setdefault(query.id, {})
    missing = sorted(set(qrels) - {q.id for q in queries})
    if missing:
        raise FileError(
            f"{directory / 'queries.jsonl'}:缺少 {len(missing)} 条已评判的需求,如 {missing[0]}",
            "请补上,或从 qrels 中删去",
        )
    for query_id in unanswerable:
        if any(grade > 0 for grade in qrels[query_id].values()):
            raise FileError(
                f"{directory / 'queries.jsonl'}:{query_id} 标为无解,qrels 中却有相关成果",
                "请核对两处",
            )
    notices = corpus_notices + query_notices
    known = {listing.id for listing in corpus}
    lost = {d for grades in qrels.values() for d in grades if d not in known}
    if lost:
        notices.append(
            Notice(0, "corpus-id", min(lost), f"qrels 中有 {len(lost)} 个编号不在 corpus.jsonl 中")
        )
    return Dataset(directory.name, chosen, corpus, queries, qrels, notices)


def _choose(directory: Path, split: str | None) -> str:
    if not directory.is_dir():
        raise FileError(f"{directory}:没有这个文件夹", _LAYOUT)
    found = splits(directory)
    if not found:
        raise FileError(f"{directory / 'qrels'}:没有评判文件", _LAYOUT)
    if split is None:
        if len(found) > 1 and "test" not in found:
            raise FileError(f"{directory}:有多个划分", f"请指明其一:{'、'.join(found)}")
        return found[0] if len(found) == 1 else "test"
    if split not in found:
        raise FileError(f"{directory}:没有划分 {split}", f"现有:{'、'.join(found)}")
    return split


def read_qrels(path: Path) -> Qrels:
    """Judgements of a TSV file, `query-id corpus-id score`, with or without that header.

    The four columns of TREC (`query 0 document grade`) are read too.
    """
    qrels: Qrels = {}
    for number, line in enumerate(_content(path).split("\n"), start=1):
        parts = line.split("\t") if "\t" in line else line.split()
        if len(parts) == _TREC_COLUMNS:
            del parts[1]
        if not line.strip():
            continue
        if number == 1 and parts[0].strip().lower() in ("query-id", "query_id", "qid"):
            continue
        try:
            query_id, corpus_id, grade = (part.strip() for part in parts)
            qrels.setdefault(query_id, {})[corpus_id] = int(grade)
        except ValueError:
            raise FileError(
                f"{path} 第 {number} 行:应为 {_COLUMNS} 列“需求编号、成果编号、整数等级”",
                "请用制表符分隔",
            ) from None
    if not qrels:
        raise FileError(f"{path}:没有评判", "请至少给出一行")
    return qrels


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"{path}:无法读取({error.strerror})", _LAYOUT) from error
    except UnicodeDecodeError as error:
        raise FileError(
            f"{path}:不是 UTF-8 编码(第 {error.start} 字节)", "请另存为 UTF-8"
        ) from error


def _listings(
    path: Path, kind: Kind, wanted: Mapping[str, object] | None = None
) -> tuple[list[Listing], list[Notice], list[str]]:
    """Listings of a JSONL file (those in `wanted`), notices, and the ids marked unanswerable."""
    reader = RowReader(kind, strict=False, needs_text=False)
    found: list[Listing] = []
    unanswerable: list[str] = []
    seen: set[str] = set()
    for line in json_lines(_content(path)):
        number, row = line.number, line.row
        if line.problem:
            raise FileError(f"{path} 第 {number} 行:{line.problem}", "每行应为一个 JSON 对象")
        if row.get("_id") in (None, ""):
            raise FileError(f"{path} 第 {number} 行:缺少 _id", "每行都要有编号")
        row_id = str(row["_id"])
        if row_id in seen:
            raise FileError(f"{path} 第 {number} 行:_id {row_id} 重复", "编号不能重复")
        seen.add(row_id)
        if wanted is None or row_id in wanted:
            found.append(_listing(reader, row, number, path))
            metadata = row.get("metadata")
            if isinstance(metadata, dict) and metadata.get("answerable") is False:
                unanswerable.append(row_id)
    return found, reader.notices.all(), unanswerable


def _listing(reader: RowReader, row: dict[str, object], number: int, path: Path) -> Listing:
    """The listing of one row; unlike an import it takes texts of any length."""
    texts = [row.get(name) if row.get(name) is not None else "" for name in ("title", "text")]
    plain = {k: v for k, v in row.items() if k not in ("title", "text", "_id")}
    record = reader.read(RawRow(number, beir_row(plain)))
    if record is None:
        raise FileError(f"{path} {reader.errors[-1]}", "请改正后重试")
    try:
        title, body = (clean(text) for text in texts if isinstance(text, str))
    except ValueError as error:
        raise FileError(
            f"{path} 第 {number} 行:title 或 text 不是完好的文字", str(error)
        ) from error
    return Listing(str(row["_id"]), reader.kind, title, body, record.facets())


def write_dataset(directory: Path, dataset: Dataset) -> None:
    """Write a collection; facets become metadata. Other splits in `directory` stay as they are."""
    (directory / "qrels").mkdir(parents=True, exist_ok=True)
    _write_jsonl(directory / "corpus.jsonl", map(_row, dataset.corpus))
    _write_jsonl(directory / "queries.jsonl", map(_row, dataset.queries))
    write_qrels(directory / "qrels" / f"{dataset.split}.tsv", dataset.qrels)


def write_qrels(path: Path, qrels: Mapping[str, Mapping[str, int]]) -> None:
    """Write judgements with the usual header, in the order of the mapping."""
    lines = ["query-id\tcorpus-id\tscore"]
    lines += [f"{q}\t{d}\t{grade}" for q, grades in qrels.items() for d, grade in grades.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_jsonl(path: Path, rows: Iterable[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _row(listing: Listing) -> dict[str, object]:
    return {
        "_id": listing.id,
        "title": listing.title,
        "text": listing.body,
        "metadata": dict(_metadata(listing)),
    }


def _metadata(listing: Listing) -> Iterator[tuple[str, object]]:
    facets, need = listing.facets, listing.kind is Kind.NEED
    pairs = (
        ("industry_chain", facets.chain),
        ("region_code", facets.region),
        ("trl_min" if need else "trl", facets.trl_low),
        ("budget_min_cny_wan" if need else "price_wan", facets.money_low),
        ("budget_max_cny_wan", facets.money_high if need else None),
        ("coop_modes", list(facets.coop_modes)),
        ("ip_ownership", facets.ownership if need else None),
        ("duration_months", facets.term_months if need else None),
        ("negotiable", True if need and facets.price_mode == "negotiable" else None),
        ("price_mode", None if need else facets.price_mode),
        ("org", facets.org),
        ("status", facets.status if facets.status != "published" else None),
    )
    return ((name, value) for name, value in pairs if value not in (None, []))
