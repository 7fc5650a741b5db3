"""``tanwei train ring``: learn from verified cases, and keep the model beside the runs."""

from __future__ import annotations

import os
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
from tanwei.models import CARD, FOLDER, MODEL
from tanwei.run import owner_only
from tanwei.train_card import card
from tanwei.verified import Verified

_NAMED = 5


@dataclass(frozen=True)
class Trained:
    """What was learned, from what, and where it lies."""

    training: Training
    verified: Verified
    model: Path
    card: Path


def train_ring(
    snapshot: Snapshot,
    folder: RunFolder,
    verified: Verified,
    by: str,
    rest_clean: bool = False,
    settings: GroupSettings | None = None,
) -> Trained:
    """Train the model of rings on a run's bids and a file of verified lots.

    Parameters
    ----------
    snapshot : Snapshot
    folder : RunFolder
    verified : Verified
        Lots that were checked.
    by : str
        Who has it trained, for the audit log.
    rest_clean : bool
        Take lots without a conclusion for clean. Most of them are; those that are rings
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
    bids = bids_of(snapshot)
    known = dict.fromkeys(bids.lots, False) if rest_clean else {}
    known |= {lot: found for lot, found in verified.rigged.items() if lot in set(bids.lots)}
    rows = np.array([n for n, lot in enumerate(bids.lots) if lot in known], dtype=np.int64)
    rigged = np.array([known[bids.lots[n]] for n in rows], dtype=bool)
    features = lot_features(bids, groups_of(snapshot, settings or GroupSettings()))
    try:
        training = train(
            _sample(bids, features.values, features.names, rows, rigged),
            (snapshot.as_of or date.today()).isoformat(),
        )
    except TooFew as few:
        missing = len(verified.unknown)
        missed = f"；另有{missing}个结论在这次运行的数据里找不到对应" if missing else ""
        raise UserError(f"{few}{missed}。没有训练，也没有改动已有的模型。") from few
    target = folder.out_dir / FOLDER
    facts = {
        "model": "ring",
        "by": by,
        "run": folder.run_id,
        "from": dict(verified.source),
        "rigged": training.model.rigged,
        "clean": training.model.clean,
        "rest_clean": rest_clean,
    }
    audit.append(folder.out_dir, "train", facts)
    with owner_only():
        target.mkdir(parents=True, exist_ok=True)
        model, written = target / MODEL, target / CARD
        _replace(model, training.model.to_json())
        _replace(written, card(training, verified, rest_clean))
    return Trained(training, verified, model, written)


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
    verified = trained.verified
    if verified.left_out:
        lines.append(f"没有明确结论、未使用的 {verified.left_out} 条。")
    if verified.unknown:
        some = "、".join(verified.unknown[:_NAMED])
        more = f" 等 {len(verified.unknown)} 个" if len(verified.unknown) > _NAMED else ""
        lines.append(f"在这次运行的数据里找不到对应的结论：{some}{more}。")
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
