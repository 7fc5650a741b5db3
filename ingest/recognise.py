"""Which table a sheet is, and where its header stands: judged by headers, never by file name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from ingest.tables import TABLES, Table, header_keys
from ingest.values import normalise_header, normalise_text

# Header rows are looked for among the first rows of a sheet.
HEAD_ROWS = 40
_COMPLAINANT = re.compile(r"(?<!被)(?:举报人|信访人|反映人|来信人|投诉人)")
_TITLE_END = re.compile(r"(?:表|册|台账|名单|清单)(?:[(].*[)])?$")
_SHEET_UNIT = re.compile(r"单位[:：]?(?:人民币)?[:：]?(百万元|千万元|万元|千元|亿元|元)")
# What a group header adds to the word that names the party: 亲属信息 over 姓名 is 亲属姓名.
_GROUP_WORDS = re.compile(r"(?:基本)?(?:信息|情况|资料)$")


@dataclass(frozen=True)
class FileRule:
    """One ``[[files]]`` section: what is not recognised by itself.

    Parameters
    ----------
    match : str
        Pattern with ``*`` on the path relative to the data folder, or on the file name alone.
    sheet : str, optional
        Only this sheet of the workbook.
    table : str, optional
        Canonical name of the table.
    header_row : int, optional
        Row of the (last) header, as a person sees it.
    unit : str, optional
        Unit of amounts whose header names none: 元, 千元, 万元, 百万元, 亿元.
    columns : dict
        Header in the file → canonical column.
    """

    match: str
    sheet: str | None = None
    table: str | None = None
    header_row: int | None = None
    unit: str | None = None
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Head:
    """The first rows of a sheet; ``spread`` has header cells copied over the cells they span.

    Both have shape (rows, width). Without knowledge of merged cells they are the same.
    """

    rows: Sequence[Sequence[str]]
    spread: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Layout:
    """A recognised sheet; tuples have one item a column of the sheet.

    ``header_row`` is the last row of the header, 1-based. ``columns`` holds canonical names (None:
    no table knows it), ``factors`` yuan a unit, ``private`` columns of complainants, never stored.
    """

    table: Table
    header_row: int
    headers: tuple[str, ...]
    columns: tuple[str | None, ...]
    factors: tuple[Decimal, ...]
    private: tuple[bool, ...]


@dataclass(frozen=True)
class Unknown:
    """A sheet that is not recognised, with the Chinese reason."""

    reason: str
    ambiguous: bool = False


def is_private(header: str) -> bool:
    """Whether a header, joined over its rows, names a complainant.

    Examples
    --------
    >>> [is_private(h) for h in ("举报人姓名", "被举报人", "举 报 人 信息|电话", "被反映人单位")]
    [True, False, True, False]
    """
    return bool(_COMPLAINANT.search("".join(normalise_text(header).split())))


def recognise(head: Head, rule: FileRule | None = None) -> Layout | Unknown:
    """Find table and header of a sheet.

    The table that explains most headers wins; on a tie the one with more distinctive headers among
    them; else the sheet is ambiguous. Of header rows that explain as much, the first counts; a
    header of two rows only where it explains more than one row does.

    Parameters
    ----------
    head : Head
    rule : FileRule, optional
        From the configuration; its table and header row are taken as given.

    Returns
    -------
    Layout or Unknown

    Examples
    --------
    >>> rows = [["某县死亡登记", "", ""], ["姓 名", "身份证号码", "死亡时间"], ["张三", "", "2020"]]
    >>> layout = recognise(Head(rows, rows))
    >>> layout.table.name, layout.header_row, layout.columns
    ('deaths', 2, ('name', 'id_number', 'death_date'))
    """
    extra = {normalise_header(h)[0].lower(): c for h, c in rule.columns.items()} if rule else {}
    tables = [TABLES[rule.table]] if rule and rule.table else list(TABLES.values())
    best: list[_Fit] = []
    nearest: _Fit | None = None
    for labels in _header_rows(head, rule.header_row if rule else None):
        keys = {key for spellings in labels.spellings for key in spellings}
        if keys.isdisjoint(_any_known()) and keys.isdisjoint(extra):
            continue
        for table in tables:
            fit = _fit(labels, table, extra)
            if fit is None:
                continue
            if not fit.missing and (fit.enough or (rule and rule.table)):
                if not best or fit.rank > best[0].rank:
                    best = [fit]
                elif fit.rank == best[0].rank and all(f.table is not table for f in best):
                    best.append(fit)
            elif nearest is None or fit.rank > nearest.rank:
                nearest = fit
    # A later row never outdoes an earlier one of the same rank: only its own tables tie.
    best = [fit for fit in best if fit.labels.row == best[0].labels.row]
    if len(best) > 1:
        names = "、".join(f"《{fit.table.title}》" for fit in best)
        return Unknown(f"表头同时符合{names}，无法判断是哪张表；请在 [[files]] 中指明 table", True)
    if not best:
        return Unknown(_why_unknown(nearest))
    return _layout(head, best[0], rule)


# -- header rows ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Labels:
    """A possible header: its last row (1-based), the texts as shown, and spellings to try."""

    row: int
    height: int
    texts: tuple[str, ...]
    spellings: tuple[tuple[str, ...], ...]


def _header_rows(head: Head, wanted: int | None) -> Iterator[_Labels]:
    width = max((len(row) for row in head.spread), default=0)
    for index in range(min(len(head.spread), HEAD_ROWS)):
        if wanted is not None and index + 1 != wanted:
            continue
        lower = _padded(head.spread[index], width)
        if not any(lower):
            continue
        yield _Labels(index + 1, 1, tuple(lower), tuple((_key(t),) if t else () for t in lower))
        groups = _groups(head, index, width)
        if groups is not None:
            texts = tuple(_joined(u, t) for u, t in zip(groups, lower, strict=True))
            spelled = tuple(_spellings(u, t) for u, t in zip(groups, lower, strict=True))
            yield _Labels(index + 1, 2, texts, spelled)


def _padded(row: Sequence[str], width: int) -> list[str]:
    cells = [" ".join(cell.split()) for cell in row]
    return cells + [""] * (width - len(cells))


def _groups(head: Head, index: int, width: int) -> list[str] | None:
    """The row above as group headers spread to the right; None where it is a title or nothing."""
    if index == 0:
        return None
    above = _padded(head.spread[index - 1], width)
    lower = _padded(head.spread[index], width)
    texts = {text for text in above if text}
    first = next((i for i, text in enumerate(above) if text), None)
    if first is None or (len(texts) == 1 and (first == 0 or _is_title(above[first]))):
        return None
    known_spans = head.spread is not head.rows
    spread: list[str] = []
    for i, text in enumerate(above):
        if text or i == 0 or known_spans:
            spread.append(text)
        else:
            spread.append(spread[-1] if lower[i] else "")
    return spread


def _is_title(text: str) -> bool:
    return bool(_TITLE_END.search("".join(normalise_text(text).split())))


def _joined(upper: str, lower: str) -> str:
    return lower if not upper or upper == lower else f"{upper}{lower}"


def _key(text: str) -> str:
    return normalise_header(text)[0].lower()


def _spellings(upper: str, lower: str) -> tuple[str, ...]:
    if not upper or upper == lower:
        return (_key(lower),) if lower else ()
    if not lower:
        return (_key(upper),)
    party = _GROUP_WORDS.sub("", _key(upper))
    tries = [_key(upper + lower), party + _key(lower)]
    if _key(lower) in ("姓名", "名称"):
        tries.append(party)
    return tuple(dict.fromkeys([*tries, _key(lower)]))


# -- fitting -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Fit:
    table: Table
    labels: _Labels
    columns: tuple[str | None, ...]
    missing: tuple[str, ...]

    @property
    def matched(self) -> int:
        return sum(column is not None for column in self.columns)

    @property
    def enough(self) -> bool:
        """One common header among unknown ones is no table."""
        return self.matched >= 2 or self.matched == sum(bool(t) for t in self.labels.texts)

    @property
    def rank(self) -> tuple[int, int]:
        distinctive = sum(c in self.table.distinctive for c in self.columns if c)
        return self.matched, distinctive


@cache
def _known(table: str) -> Mapping[str, tuple[str, int]]:
    """Header key → (canonical column, how early the header stands in its declaration)."""
    known: dict[str, tuple[str, int]] = {}
    for column in TABLES[table].columns:
        for order, key in enumerate(header_keys(column)):
            known.setdefault(key, (column.name, order))
    return known


@cache
def _any_known() -> frozenset[str]:
    return frozenset(key for table in TABLES for key in _known(table))


def _fit(labels: _Labels, table: Table, extra: Mapping[str, str]) -> _Fit | None:
    known = _known(table.name)
    claims: dict[str, tuple[int, int, int]] = {}
    for position, spellings in enumerate(labels.spellings):
        if is_private(labels.texts[position]):
            continue
        for attempt, key in enumerate(spellings):
            named = extra.get(key)
            column, order = (named, -1) if named is not None else known.get(key, (None, 0))
            if column is None:
                continue
            claim = (attempt, order, position)
            if column not in claims or claim < claims[column]:
                claims[column] = claim
                break
    if not claims:
        return None
    chosen = {position: column for column, (_, _, position) in claims.items()}
    columns = tuple(chosen.get(i) for i in range(len(labels.texts)))
    missing = [
        c.headers[0] for c in table.required if c.name not in claims and not c.header_optional
    ]
    if table.needs_one_of and not extra:
        keys = {key for spellings in labels.spellings for key in spellings}
        if not keys & {normalise_header(h)[0].lower() for h in table.needs_one_of}:
            missing.append("或".join(h for h in table.needs_one_of if not h.isascii()))
    return _Fit(table, labels, columns, tuple(missing))


def _why_unknown(nearest: _Fit | None) -> str:
    if nearest is None or nearest.matched < 2:
        return "没有找到任何已知表的表头"
    return f"不是已知的表：最接近《{nearest.table.title}》，但缺少必需的列：{'、'.join(nearest.missing)}"


# -- layout --------------------------------------------------------------------------------------


def _layout(head: Head, fit: _Fit, rule: FileRule | None) -> Layout:
    labels = fit.labels
    unit = _unit_factor(rule.unit) if rule and rule.unit else None
    if unit is None:
        unit = _unit_above(head, labels.row - labels.height)
    factors = tuple(_factor(text, unit) for text in labels.texts)
    private = _private(head, labels)
    return Layout(fit.table, labels.row, labels.texts, fit.columns, factors, private)


def _unit_factor(unit: str) -> Decimal:
    return normalise_header(f"金额({unit})")[1]


def _unit_above(head: Head, rows: int) -> Decimal:
    """The unit that a title row gives for the whole sheet (单位：万元)."""
    for row in head.rows[:rows]:
        for cell in row:
            match = _SHEET_UNIT.search("".join(normalise_text(cell).split()))
            if match:
                return _unit_factor(match[1])
    return Decimal(1)


def _factor(text: str, unit: Decimal) -> Decimal:
    own = normalise_header(text)[1]
    # 元 in the header overrides 万元 in the title.
    return own if own != 1 or re.search(r"[(（\[【/]\s*元", text) else unit


def _private(head: Head, labels: _Labels) -> tuple[bool, ...]:
    """Columns of complainants: by their header joined over two rows, or by a group above it."""
    width = len(labels.texts)
    groups = _groups(head, labels.row - 1, width) or [""] * width
    private: list[bool] = []
    for i, text in enumerate(labels.texts):
        group = "" if _is_title(groups[i]) else groups[i]
        names_one = is_private(text) or is_private(_joined(group, text))
        # The empty header beside a removed one belongs to it (a merged cell in the original).
        private.append(names_one or (not text and bool(private) and private[-1]))
    return tuple(private)


def check_rules(rules: Iterable[FileRule]) -> str | None:
    """Return in Chinese what is wrong with the ``[[files]]`` rules, None where nothing is."""
    for number, rule in enumerate(rules, start=1):
        where = f'第 {number} 段 [[files]]（match = "{rule.match}"）'
        if rule.table is not None and rule.table not in TABLES:
            return f"{where}：没有名为 {rule.table} 的表。可用的有：{'、'.join(TABLES)}。"
        if rule.unit is not None and rule.unit not in ("元", "千元", "万元", "百万元", "亿元"):
            return f"{where}：unit 应为 元、千元、万元、百万元、亿元 之一，现为 {rule.unit}。"
        if rule.header_row is not None and rule.header_row < 1:
            return f"{where}：header_row 从 1 数起，现为 {rule.header_row}。"
        valid = {c.name for t in TABLES.values() for c in t.columns}
        if rule.table is not None:
            valid = {c.name for c in TABLES[rule.table].columns}
        wrong = [c for c in rule.columns.values() if c not in valid]
        if wrong:
            return f"{where}：没有名为 {wrong[0]} 的列。可用的有：{'、'.join(sorted(valid))}。"
    return None
