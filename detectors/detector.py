"""What a detector is: a spec, typed settings, and a function from a snapshot to a result.

A detector is one file ``detectors/<family>/<name>.py`` with three module-level names::

    @dataclass(frozen=True)
    class Settings: ...          # every field made by ``setting(...)``
    SPEC = Spec(id="<name>", family="<family>", settings=Settings, ...)
    def detect(snapshot: Snapshot, settings: Settings) -> Result: ...

One that combines what others found names them in ``SPEC.combines`` and takes their findings as a
third argument, ``earlier: Mapping[str, tuple[Finding, ...]]``; those that didn't run are absent.

Nothing else registers it. Detectors say what they saw, with the rows it rests on; levels, ids,
numbering, masking and documents belong to ``clues``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Protocol

from detectors.group import Group

Family = Literal[
    "related_party",
    "bid_rigging",
    "procurement",
    "subsidy",
    "collective_assets",
    "public_funds",
    "umbrella",
]
Strength = Literal["proof", "strong", "weak", "statistical"]
Kind = Literal[
    "relation",
    "register",
    "hardware",
    "money",
    "price",
    "participation",
    "outcome",
    "disposition",
    "complaint",
]
# What people read for them, in pages, letters and workbooks alike.
STRENGTHS: dict[str, str] = {
    "proof": "登记资料直接显示",
    "strong": "较强",
    "weak": "较弱",
    "statistical": "统计",
}
KINDS: dict[str, str] = {
    "relation": "关系",
    "register": "登记",
    "hardware": "设备",
    "money": "资金",
    "price": "价格",
    "participation": "参与",
    "outcome": "结果",
    "disposition": "处理",
    "complaint": "举报",
}
Identity = Literal["certain", "probable", "name_only"]
Role = Literal[
    "official",
    "relative",
    "company",
    "bidder",
    "payee",
    "purchaser",
    "village",
    "unit",
    "gang_member",
    "handler",
    "expert",
    "agent",
    "lessee",
    "acquirer",
    "inspector",
    "group",
    "case_party",
]


def setting(
    default: Any,
    *,
    unit: str,
    reason: str,
    source: str = "经验值",
    least: float | None = None,
    most: float | None = None,
) -> Any:
    """Declare one field of a detector's ``Settings``.

    Parameters
    ----------
    default : value
        Used where ``tanwei.toml`` says nothing; thresholds are inclusive.
    unit : str
        Chinese unit (``天``, ``元``, ``倍``, ``个``, ``无``).
    reason : str
        One Chinese line: why this default.
    source : str
        Where the figure comes from; ``经验值`` where there is no legal or published source.
    least, most : float, optional
        Inclusive bounds; anything outside is refused when the configuration is read.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Settings:
    ...     window_days: int = setting(90, unit="天", reason="同一工程常在一季内拆分")
    >>> Settings().window_days
    90
    """
    metadata = {"unit": unit, "reason": reason, "source": source, "least": least, "most": most}
    if isinstance(default, (list, dict)):
        raise TypeError("defaults must be immutable; use a tuple")
    return field(default=default, metadata=metadata)


def borrowed(detector: str, settings: type) -> Any:
    """Declare a field that holds the settings of another detector, as the run uses them.

    For detectors that look at what another one makes (the groups of bidders, say) and must look at
    the very same. Set where that detector's settings are set, and nowhere else.

    Parameters
    ----------
    detector : str
        Id of the detector whose settings are taken.
    settings : type
        Its ``Settings`` or a class that they extend; the defaults until a run fills them in.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Lender:
    ...     most_size: int = setting(12, unit="家", reason="更大的团体多为整个行业")
    >>> @dataclass(frozen=True)
    ... class Settings:
    ...     groups: Lender = borrowed("lender", Lender)
    >>> Settings().groups.most_size
    12
    """
    return field(default_factory=settings, metadata={"borrowed": detector})


@dataclass(frozen=True)
class Requires:
    """A table and the columns of it without which a detector can't run; ``instead`` does as well."""

    table: str
    columns: tuple[str, ...] = ()
    instead: Requires | None = None


# Kin are declared, or known from the registers of households.
KIN = Requires(
    "kinship",
    ("name", "relation", "relative_name"),
    instead=Requires("households", ("household_no", "name", "relation_to_head")),
)


@dataclass(frozen=True)
class Benign:
    """An innocent reason that would give the same picture.

    ``check`` says in Chinese how the data are asked about it, or is None where no table can tell.
    """

    key: str
    text: str
    check: str | None


@dataclass(frozen=True)
class Spec:
    """Everything a reader needs to know of a detector without reading its code.

    ``requires`` lists what must all be present; ``requires_any`` lists alternatives of which at
    least one must be. ``optional`` names tables that improve the result; their absence is a gap.
    ``event_key`` says in Chinese what tells two findings on the same subjects apart.
    ``orange_effect`` is the effect size from which one statistical sign with q <= 0.001 is orange.
    ``enabled`` False: only run when configuration asks for it. ``in_yuan``: its limits are in yuan,
    so tables whose amounts are all in another currency don't count as present. ``combines`` names
    the detectors whose findings this one puts together.
    """

    id: str
    title: str
    family: Family
    version: int
    what: str
    strength: tuple[Strength, ...]
    kinds: tuple[Kind, ...]
    requires: tuple[Requires, ...]
    settings: type
    legal: tuple[str, ...]
    benign: tuple[Benign, ...]
    next_steps: tuple[str, ...]
    event_key: str
    requires_any: tuple[Requires, ...] = ()
    optional: tuple[Requires, ...] = ()
    orange_effect: float | None = None
    effect_name: str = ""
    small_projection: str = ""
    enabled: bool = True
    in_yuan: bool = False
    combines: tuple[str, ...] = ()

    def parameters(self) -> tuple[dict[str, Any], ...]:
        """Name, default, type, unit, reason, source and bounds of every setting, in order."""
        return tuple(
            {"name": f.name, "default": f.default, "type": f.type, **f.metadata}
            for f in fields(self.settings)
            if "borrowed" not in f.metadata
        )


# -- evidence ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One row of a source table; ``columns`` are the canonical columns worth showing, in order."""

    table: str
    row_id: int
    text: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statistic:
    """A computed figure with the numbers a reader needs to check it, and the rows behind it."""

    text: str
    values: tuple[tuple[str, Any], ...]
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class PathEdge:
    """One edge of a drawn path: ``term`` is what stands on the line (称谓, 持股60%, 中标)."""

    src: str
    dst: str
    kind: str
    term: str
    start: date | None = None
    end: date | None = None
    identity: Identity = "certain"
    cites: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Path:
    """Entities and the edges between them, in reading order from power-holder to money.

    Needs not be a single chain: several relatives, firms or contracts may branch. ``roles`` gives
    (entity, role) for those that are not subjects of the finding.
    """

    nodes: tuple[str, ...]
    edges: tuple[PathEdge, ...]
    roles: tuple[tuple[str, str], ...] = ()


Evidence = Row | Statistic


@dataclass(frozen=True)
class Sentence:
    """One plain Chinese sentence (ending 。) and the evidence it rests on; never without any."""

    text: str
    cites: tuple[Evidence, ...]


@dataclass(frozen=True)
class Reason:
    """One sign. ``fact``: signs with the same fact key count once, whatever their number.

    ``orange_effect``: the bound for its effect where it is another detector's sign, measured on
    another scale than the spec's own.
    """

    kind: Kind
    strength: Strength
    text: str
    cites: tuple[Evidence, ...]
    fact: str = ""
    q: float | None = None
    effect: float | None = None
    orange_effect: float | None = None


@dataclass(frozen=True)
class BenignResult:
    """How the check of one benign explanation came out for one finding.

    ``state``: ``ruled_out`` (checked, doesn't apply), ``partly`` (holds for a part, or lowers the
    clue), ``unknown`` (could not be checked with the data at hand). ``explains`` is the explanation
    in words where its key is none of the spec's own.
    """

    key: str
    state: Literal["ruled_out", "partly", "unknown"]
    text: str
    explains: str = ""


@dataclass(frozen=True)
class Subject:
    """An entity of the graph and its part in the finding."""

    entity: str
    role: Role


@dataclass(frozen=True)
class Finding:
    """One thing a detector saw.

    Parameters
    ----------
    subjects : tuple of Subject
        The power-holder first where there is one (official, handler, purchaser, unit, village),
        else the payee; symmetric ones in any order (they are sorted later).
    anchors : tuple of str
        Entity ids that make this finding the same over runs; with ``event_key`` they give the id.
    event_key : str
        Stable text that tells two findings on the same anchors apart (lot number, programme);
        never amounts, row numbers or anything that grows with added evidence.
    title : str
        One Chinese line with names, amount, period. 疑似, 未见…记录, 建议核查; never a verdict.
    amount : Decimal or None
        Yuan concerned.
    period : (date, date) or None
        First and last date concerned.
    identity, probability
        The weakest join between records that the finding needs; probability where ``probable``.
    place : str or None
        Entity id of the village or unit that the finding counts for in the systemic view.
    absorbs : tuple of (str, Finding)
        Findings of other detectors (by id) that are told in this one and give no clue of their
        own, unless they stand higher alone.
    group : Group or None
        Of a group of bidders: members, rivals, lots.
    """

    subjects: tuple[Subject, ...]
    anchors: tuple[str, ...]
    event_key: str
    title: str
    statement: tuple[Sentence, ...]
    reasons: tuple[Reason, ...]
    amount: Decimal | None
    period: tuple[date, date] | None
    identity: Identity
    probability: float | None = None
    benign: tuple[BenignResult, ...] = ()
    legal: tuple[str, ...] | None = None
    path: Path | None = None
    place: str | None = None
    data_gaps: tuple[str, ...] = ()
    next_steps: tuple[str, ...] | None = None
    absorbs: tuple[tuple[str, Finding], ...] = ()
    group: Group | None = None


@dataclass(frozen=True)
class Result:
    """What a detector returns; the four outcomes add up to ``subjects``.

    ``subject_kind`` names in Chinese what was counted (标段, 人·项目, 干部·企业). ``cleared`` counts by
    benign key those of ``not_triggered`` that looked odd and were explained. ``places`` is the
    number of comparable villages or units looked at, for the systemic view.
    """

    subject_kind: str
    subjects: int
    triggered: int
    not_triggered: int
    insufficient: int
    not_applicable: int
    findings: tuple[Finding, ...]
    cleared: Mapping[str, int] = field(default_factory=dict)
    places: int | None = None
    place_kind: Literal["village", "unit"] | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        parts = self.triggered + self.not_triggered + self.insufficient + self.not_applicable
        if parts != self.subjects:
            raise ValueError(f"outcomes add up to {parts}, not to {self.subjects} subjects")
        if sum(self.cleared.values()) > self.not_triggered:
            raise ValueError("more cleared than not triggered")
        if bool(self.findings) != bool(self.triggered):
            raise ValueError("findings and triggered subjects disagree")


class SnapshotLike(Protocol):
    """The part of ``graph.snapshot.Snapshot`` that generic code here relies on."""

    def has(self, table: str, *columns: str) -> bool:
        """Tell whether the table is there and each of the columns has at least one value."""

    def foreign_currency(self, name: str) -> str | None:
        """The currency of a table none of whose amounts is in yuan, else None."""


@dataclass(frozen=True)
class Detector:
    """A discovered detector."""

    spec: Spec
    detect: Callable[..., Result]
