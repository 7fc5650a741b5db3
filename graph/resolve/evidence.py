"""What is compared between two record groups of people, and what each outcome is worth.

Each comparison has levels with two chances, as in Fellegi and Sunter (1969): ``m``, of the outcome
for two groups of one person, ``u``, for groups of two; their ratio is the weight of the evidence.
Chances are conditional on what both sides state. Things that imply each other (a number and the
birth date in it; household, village, township) are levels of one comparison and count once.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.resolve.training import Rates


@dataclass(frozen=True)
class Level:
    """An outcome: SQL condition, chances, what it says to people and the value that decided.

    ``l`` and ``r`` are the two groups; only the right one may have a sound number. ``value`` is SQL
    over the compared columns, put behind ``says``. ``supports``: more than a common surrounding;
    ``forbids``: if the pair is held different, no chain of other links may join it either;
    ``proves``: enough of a number to outweigh a name written otherwise; ``doubts``: without such a
    number the pair is for people to judge, whatever else agrees (twins share all but the name).
    """

    sql: str
    m: float
    u: float
    says: str
    value: str | None = None
    supports: bool = False
    forbids: bool = False
    proves: bool = False
    doubts: bool = False


@dataclass(frozen=True)
class Comparison:
    """Levels from the strongest to the weakest; ``unknown``: nothing to compare."""

    name: str
    unknown: str
    levels: tuple[Level, ...]

    def numbered(self) -> tuple[tuple[int, Level], ...]:
        """Levels with the numbers Splink gives them: the last is 0."""
        last = len(self.levels) - 1
        return tuple((last - i, level) for i, level in enumerate(self.levels))


NEUTRAL = Level("ELSE", 0.5, 0.5, "")


def _any(left: str, right: str) -> str:
    return f"list_has_any({left}, {right})"


def _shared(column: str) -> str:
    return f"list_sort(list_intersect({column}_l, {column}_r))[1]"


def _masked(value: str) -> str:
    return f"left({value}, 3) || '****' || right({value}, 4)"


def _name() -> Comparison:
    # One name in a hundred of a delivery is miswritten, nearly always by a character that sounds
    # or looks alike. Two persons whose names differ in one character are brothers oftener than not.
    return Comparison(
        "name",
        "name_l IS NULL OR name_r IS NULL",
        (
            Level("name_l = name_r", 0.985, 0.001, "姓名相同", "name_l"),
            # A number's holder may be written in several ways: any of them counts.
            Level(_any("names_l", "names_r"), 0.985, 0.001, "姓名相同", _shared("names")),
            Level(
                f"{_any('alike_l', 'names_r')} OR {_any('alike_r', 'names_l')}",
                0.01,
                0.001,
                "姓名仅一字之差（音同或形近）",
                "name_l || '／' || name_r",
            ),
            Level("ELSE", 0.0005, 0.5, "姓名有一字不同", "name_l || '／' || name_r", doubts=True),
        ),
    )


def _number() -> Comparison:
    fits = "full_r LIKE pattern_l"
    same_birth = _any("births_l", "births_r")
    near = "damerau_levenshtein(full_r, failed_l)"
    return Comparison(
        "number",
        "(full_r IS NULL OR (pattern_l IS NULL AND failed_l IS NULL))"
        " AND (births_l IS NULL OR births_r IS NULL)",
        (
            Level(f"{near} <= 1", 0.85, 1e-6, "证件号只差一位", supports=True, proves=True),
            # Birth date and the last places: one person in the county.
            Level(
                f"{fits} AND seen_l >= 8",
                0.9,
                1e-5,
                "证件号可见各位相符",
                supports=True,
                proves=True,
            ),
            Level(
                f"{fits} AND seen_l >= 3 AND {same_birth}",
                0.9,
                1e-7,
                "证件号可见各位相符，出生日期相同",
                _shared("births"),
                supports=True,
                proves=True,
            ),
            # Three digits of order (odd or even by sex) and one of check.
            Level(
                f"{fits} AND seen_l >= 3",
                0.9,
                4e-4,
                "证件号可见各位相符",
                supports=True,
                proves=True,
            ),
            # What of a number does not fit speaks against the person, whatever else is shared.
            Level(
                f"(pattern_l IS NOT NULL AND NOT {fits} AND full_r IS NOT NULL) OR {near} > 2",
                # Copied from the neighbouring row: one in five hundred.
                0.002,
                0.99,
                "证件号不符",
                forbids=True,
            ),
            # About 55 years of birth among the people of a county.
            Level(same_birth, 0.85, 5e-5, "出生日期相同", _shared("births"), supports=True),
            Level(
                f"{_any('first_days_l', 'months_r')} OR {_any('months_l', 'first_days_r')}",
                0.1,
                0.0015,
                "出生年月相同",
                supports=True,
            ),
            Level(
                "births_l IS NOT NULL AND births_r IS NOT NULL",
                0.03,
                0.97,
                "出生日期不同",
                forbids=True,
            ),
            NEUTRAL,
        ),
    )


def _few_share(rates: Rates) -> tuple[Comparison, ...]:
    phone, account, employer = rates.same_phone, rates.same_account, rates.same_employer
    return (
        Comparison(
            "phone",
            "phones_l IS NULL OR phones_r IS NULL",
            (
                # A family's telephone: of the people of a county, three or four.
                Level(
                    _any("phones_l", "phones_r"),
                    phone,
                    1e-4,
                    "电话相同",
                    _masked(_shared("phones")),
                    supports=True,
                ),
                Level("ELSE", 1 - phone, 1.0, "电话不同"),
            ),
        ),
        Comparison(
            "account",
            "accounts_l IS NULL OR accounts_r IS NULL",
            (
                Level(
                    _any("accounts_l", "accounts_r"),
                    account,
                    1e-4,
                    "账号相同",
                    _masked(_shared("accounts")),
                    supports=True,
                ),
                Level("ELSE", 1 - account, 1.0, "账号不同"),
            ),
        ),
        Comparison(
            "kin",
            "kins_l IS NULL OR kins_r IS NULL",
            (
                Level(
                    _any("kins_l", "kins_r"),
                    0.7,
                    3e-4,
                    "同为一人的亲属（申报或同户）",
                    supports=True,
                ),
                # Relatives in other households, declared nowhere else.
                Level("ELSE", 0.3, 1.0, "未见与同一人有亲属关系"),
            ),
        ),
        Comparison(
            "employer",
            "employers_l IS NULL OR employers_r IS NULL",
            (
                Level(
                    _any("employers_l", "employers_r"),
                    employer,
                    rates.other_employer,
                    "单位相同",
                    _shared("employers"),
                ),
                Level("ELSE", 1 - employer, 1 - rates.other_employer, "单位不同"),
            ),
        ),
    )


def _office(rates: Rates) -> Comparison:
    # Who handles and approves holds a post; lists of posts are rarely complete.
    return Comparison(
        "office",
        # Two groups without numbers from one column have this in common by selection.
        "full_r IS NULL OR in_office_l IS NULL OR in_office_r IS NULL OR NOT in_office_l",
        (
            Level("in_office_r", 0.8, rates.in_office, "同有公职"),
            Level("ELSE", 0.2, 1 - rates.in_office, "后者未见公职"),
        ),
    )


def _listed() -> Comparison:
    # One in twenty of such double entries is taken for a person entered twice (经验值).
    return Comparison(
        "listed",
        "beside_l IS NULL OR full_r IS NULL",
        (
            Level(
                "list_contains(beside_l, full_r)",
                0.05,
                0.9,
                "同一单位的工资名册中另有一行同名、起薪日期不同且在职时间重叠",
                doubts=True,
            ),
            NEUTRAL,
        ),
    )


def _place(rates: Rates) -> Comparison:
    village, township = rates.other_village, rates.other_township
    same_village = (
        f"({_any('places_l', 'places_r')} OR {_any('bare_l', 'villages_r')}"
        f" OR {_any('villages_l', 'bare_r')})"
    )
    both_villages = "villages_l IS NOT NULL AND villages_r IS NOT NULL"
    both_homes = "households_l IS NOT NULL AND households_r IS NOT NULL"
    away = 1 - rates.same_village
    return Comparison(
        "place",
        "(households_l IS NULL AND villages_l IS NULL AND townships_l IS NULL)"
        " OR (households_r IS NULL AND villages_r IS NULL AND townships_r IS NULL)",
        (
            Level(
                _any("households_l", "households_r"),
                rates.same_household,
                rates.other_household,
                "户号相同",
                _shared("households"),
                supports=True,
            ),
            Level(
                f"{same_village} AND {both_homes}",
                (1 - rates.same_household) * rates.same_village,
                village,
                "村相同而户号不同",
                _shared("villages"),
            ),
            Level(same_village, rates.same_village, village, "村相同", _shared("villages")),
            Level(
                f"{both_villages} AND {_any('townships_l', 'townships_r')}",
                away / 2,
                township,
                "乡镇相同而村不同",
                _shared("townships"),
            ),
            Level(both_villages, away / 2, 1 - village - township, "村不同"),
            Level(
                _any("townships_l", "townships_r"),
                rates.same_village,
                township,
                "乡镇相同",
                _shared("townships"),
            ),
            Level(
                "townships_l IS NOT NULL AND townships_r IS NOT NULL",
                away,
                1 - township,
                "乡镇不同",
            ),
            NEUTRAL,
        ),
    )


def comparisons(rates: Rates) -> tuple[Comparison, ...]:
    """All comparisons under the rates of the data."""
    return (_name(), _number(), *_few_share(rates), _office(rates), _listed(), _place(rates))
