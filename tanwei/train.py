"""``tanwei train ring``: learn from verified cases, and keep the model beside the runs."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from detectors.bid_rigging._features import LABELS, lot_features
from detectors.bid_rigging._market import Bids, GroupSettings, bids_of, groups_of
from detectors.bid_rigging._training import Sample, TooFew, Training, train
from graph.snapshot import Snapshot
from ingest.errors import UserError
from tanwei import audit
from tanwei.folders import RunFolder
from tanwei.labels import Labels, read_labels
from tanwei.models import CARD, FOLDER, MODEL
from tanwei.run import owner_only
from tanwei.train_card import card

_NAMED = 5


@dataclass(frozen=True)
class Trained:
    """What was learned, from what, and where it lies."""

    training: Training
    labels: Labels
    unknown: tuple[str, ...]
    model: Path
    card: Path


def train_ring(
    snapshot: Snapshot,
    folder: RunFolder,
    labels_path: Path,
    by: str,
    rest_clean: bool = False,
    settings: GroupSettings | None = None,
) -> Trained:
    """Train the model of rings on a run's bids and a file of verified lots.

    Parameters
    ----------
    snapshot : Snapshot
    folder : RunFolder
    labels_path : Path
        See :func:`tanwei.labels.read_labels`.
    by : str
        Who has it trained, for the audit log.
    rest_clean : bool
        Take lots that the file doesn't name for clean. Most of them are; those that are rings
        nobody has found lower the probabilities.
    settings : GroupSettings, optional
        Of the groups that features speak of.

    Returns
    -------
    Trained

    Raises
    ------
    UserError
        If there are no bids, no labels fit them, or too few to learn from: then nothing is
        written, and an earlier model stays as it was.
    """
    if not snapshot.has("bids", "tender_no", "bidder", "amount"):
        raise UserError("这次运行里没有投标报价，无法训练。请先对含投标记录的数据运行。")
    labels = read_labels(labels_path)
    bids = bids_of(snapshot)
    rows, rigged, unknown = _matched(snapshot, bids, labels, rest_clean)
    features = lot_features(bids, groups_of(snapshot, settings or GroupSettings()))
    try:
        training = train(
            _sample(bids, features.values, features.names, rows, rigged),
            (snapshot.as_of or date.today()).isoformat(),
        )
    except TooFew as few:
        missed = f"；文件中有{len(unknown)}个标段在这次运行的数据里找不到" if unknown else ""
        raise UserError(f"{few}{missed}。没有训练，也没有改动已有的模型。") from few
    target = folder.out_dir / FOLDER
    facts = {
        "model": "ring",
        "by": by,
        "run": folder.run_id,
        "labels": hashlib.sha256(labels_path.read_bytes()).hexdigest(),
        "rigged": training.model.rigged,
        "clean": training.model.clean,
        "rest_clean": rest_clean,
    }
    audit.append(folder.out_dir, "train", facts)
    with owner_only():
        target.mkdir(parents=True, exist_ok=True)
        model, written = target / MODEL, target / CARD
        _replace(model, training.model.to_json())
        _replace(written, card(training, labels, unknown, rest_clean))
    return Trained(training, labels, unknown, model, written)


def _matched(
    snapshot: Snapshot, bids: Bids, labels: Labels, rest_clean: bool
) -> tuple[Any, Any, tuple[str, ...]]:
    """Lots with a label (their numbers, ascending), what was found, and labels without a lot."""
    number = {entity: n for n, entity in enumerate(bids.lots)}
    found: dict[tuple[str, str | None], int] = {}
    lots_of: dict[str, set[int]] = {}
    named = snapshot.query("SELECT DISTINCT tender_no, lot, lot_entity FROM bids")
    for tender_no, lot, entity in named:
        if entity in number and tender_no:
            key = _plain(tender_no)
            found[key, _plain(lot) if lot else None] = number[entity]
            lots_of.setdefault(key, set()).add(number[entity])
    known: dict[int, bool] = {}
    unknown = []
    for label in labels.items:
        # A conclusion on a tender without naming a lot is one on all its lots.
        hit = (
            lots_of.get(label.tender_no, set())
            if label.lot is None
            else {found[label.tender_no, label.lot]}
            if (label.tender_no, label.lot) in found
            else set()
        )
        known.update(dict.fromkeys(hit, label.rigged))
        if not hit:
            unknown.append(f"{label.tender_no}{f'（{label.lot}）' if label.lot else ''}")
    if rest_clean:
        known = dict.fromkeys(range(len(bids.lots)), False) | known
    rows = np.array(sorted(known), dtype=np.int64)
    return rows, np.array([known[n] for n in rows.tolist()], dtype=bool), tuple(unknown)


def _sample(bids: Bids, values: Any, names: tuple[str, ...], rows: Any, rigged: Any) -> Sample:
    place = np.full(len(bids.lots), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    ours = place[bids.lot] >= 0
    crowd = np.bincount(bids.lot, minlength=len(bids.lots))[rows]
    year = pd.Series(bids.day[rows]).dt.year.fillna(-1).to_numpy(np.int64)
    stratum = np.unique(crowd * 10_000 + year, return_inverse=True)[1].astype(np.int64)
    return Sample(
        values[rows],
        names,
        rigged,
        place[bids.lot[ours]],
        bids.bidder[ours],
        np.where(year < 0, -1, stratum),
        crowd.astype(np.int64),
    )


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _replace(path: Path, text: str) -> None:
    scratch = path.with_name(path.name + ".new")
    try:
        scratch.write_text(text, encoding="utf-8")
        os.replace(scratch, path)
    except OSError as error:
        raise UserError(f"写不进 {path}。请检查写入权限和磁盘空间。") from error


def summary(trained: Trained) -> list[str]:
    """What the terminal says: figures on held-out lots, what was left out, where it lies."""
    judged, model = trained.training.judged, trained.training.model
    lines = [
        f"已训练：查实标段 {model.rigged} 个，查否标段 {model.clean} 个；"
        f"在未参与训练的企业的 {judged.lots} 个标段上检验（{judged.folds} 组）。",
        f"区分能力 AUC {judged.auc.value:.2f}（95%区间 {judged.auc.low:.2f}—{judged.auc.high:.2f}），"
        f"同等投标家数、同一年份内 {_within(trained)}。",
    ]
    if trained.labels.left_out:
        lines.append(f"尚无结论的 {trained.labels.left_out} 行没有使用。")
    if trained.unknown:
        some = "、".join(trained.unknown[:_NAMED])
        more = f" 等 {len(trained.unknown)} 个" if len(trained.unknown) > _NAMED else ""
        lines.append(f"在这次运行的数据里找不到的标段：{some}{more}。")
    top = "、".join(LABELS[name] for name, *_ in trained.training.contributions[:3])
    lines.append(f"作用最大的特征：{top}。")
    lines.append(f"模型：{trained.model}；说明：{trained.card}。下次运行时由 ring 检测项使用。")
    return lines


def _within(trained: Trained) -> str:
    judged = trained.training.judged
    if np.isnan(judged.within.value):
        return "没有可比的标段对，无法判断"
    return (
        f"{judged.within.value:.2f}（{judged.pairs} 对标段，"
        f"95%区间 {judged.within.low:.2f}—{judged.within.high:.2f}）"
    )
