"""The common spellings of values, read by DuckDB itself.

Each function takes the SQL expression of a VARCHAR column and returns the SQL expression of the
typed value. Where that yields a value, it is what the parser of `ingest.values` yields; NULL says
«ask the Python parser» (which may find the cell empty, unusual or unreadable). Intake asks it once
for each distinct value that is left.
"""

from __future__ import annotations

from decimal import Decimal

from ingest.values import BLANKS, NO, YES, MonthAs

# Ideographs, ASCII and the commonest Chinese marks: nothing to trim, fold or remove. Brackets are
# left out as first character: （空） is a blank.
_INNER = r"!-~一-鿿（），。、：；《》【】·"
_FIRST = r"!-'*-~一-鿿，。、：；《》【】·"
_TEXT = f"[{_FIRST}][{_INNER}]*( [{_INNER}]+)*"
_DECIMAL = r"-?[0-9]{1,15}(\.[0-9]{0,8})?"
# The years of `values.YEARS`: 1850 to 2100.
_YEAR = "(18[5-9][0-9]|19[0-9]{2}|20[0-9]{2}|2100)"
_DAY = f"{_YEAR}(-[0-9]{{1,2}}-|/[0-9]{{1,2}}/)[0-9]{{1,2}}"
_CLOCK = "([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"


def _matches(col: str, pattern: str) -> str:
    return f"regexp_full_match({col}, {literal(pattern)})"


def literal(text: str) -> str:
    """A text as an SQL literal.

    Examples
    --------
    >>> literal("a'b")
    "'a''b'"
    """
    return "'" + text.replace("'", "''") + "'"


def _literals(texts: frozenset[str]) -> str:
    return ", ".join(literal(text) for text in sorted(texts))


def text_sql(col: str) -> str:
    """`values.parse_text` as VARCHAR.

    Examples
    --------
    >>> import duckdb
    >>> duckdb.sql(f"SELECT {text_sql('c')} FROM (VALUES ('青石镇'), (' 青石镇'), ('/')) t(c)").fetchall()
    [('青石镇',), (None,), (None,)]
    """
    longest = max(len(blank.encode()) for blank in BLANKS)
    return (
        f"CASE WHEN {_matches(col, _TEXT)} "
        f"AND (strlen({col}) > {longest} OR upper({col}) NOT IN ({_literals(BLANKS)})) "
        f"THEN {col} END"
    )


def money_sql(col: str, factor: Decimal = Decimal(1)) -> str:
    """`values.parse_money` as DECIMAL(18,2).

    Parameters
    ----------
    col : str
        SQL expression of the text.
    factor : Decimal
        Yuan for one unit; other than powers of ten all is left to the Python parser.

    Examples
    --------
    >>> import duckdb
    >>> duckdb.sql("SELECT " + money_sql("'1,234.505'")).fetchall()
    [(Decimal('1234.51'),)]
    """
    power = factor.adjusted()
    if factor != Decimal(10) ** power or not 0 <= power <= 9:
        return "CAST(NULL AS DECIMAL(18,2))"
    # Short enough for DECIMAL(18,2): an exponent may carry a cast past its limit unnoticed.
    plain = _DECIMAL.replace("15", str(15 - power))
    grouped = rf"-?[0-9]{{1,3}}(,[0-9]{{3}}){{1,{(12 - power) // 3}}}(\.[0-9]{{0,8}})?"
    ungrouped = f"replace({col}, ',', '')"
    return (
        f"CASE WHEN {_matches(col, plain)} THEN {_shifted(col, power)} "
        f"WHEN {_matches(col, grouped)} THEN {_shifted(ungrouped, power)} END"
    )


def _shifted(number: str, power: int) -> str:
    # The cast rounds half away from zero, as the parser does; the exponent shifts exactly, which is
    # four times as fast as multiplying wide decimals.
    text = f"{number} || 'e{power}'" if power else number
    return f"TRY_CAST({text} AS DECIMAL(18,2))"


def number_sql(col: str) -> str:
    """`values.parse_number` as DOUBLE."""
    return f"CASE WHEN {_matches(col, _DECIMAL)} THEN TRY_CAST({col} AS DOUBLE) + 0.0 END"


def date_sql(col: str, month_as: MonthAs = "first") -> str:
    """`values.parse_date` as DATE.

    Parameters
    ----------
    col : str
        SQL expression of the text.
    month_as : {'first', 'last'}
        What a month without day stands for.

    Examples
    --------
    >>> import duckdb
    >>> duckdb.sql("SELECT " + date_sql("'2023年2月'", "last")).fetchall()
    [(datetime.date(2023, 2, 28),)]
    """
    month = f"CAST(try_strptime({col}, '%Y年%m月') AS DATE)"
    if month_as == "last":
        month = f"last_day({month})"
    return (
        f"CASE WHEN {_matches(col, _DAY)} THEN TRY_CAST({col} AS DATE) "
        f"WHEN {_matches(col, _YEAR + '[0-9]{4}')} "
        f"THEN CAST(try_strptime({col}, '%Y%m%d') AS DATE) "
        f"WHEN {_matches(col, _YEAR + '年[0-9]{1,2}月[0-9]{1,2}日')} "
        f"THEN CAST(try_strptime({col}, '%Y年%m月%d日') AS DATE) "
        f"WHEN {_matches(col, _YEAR + '年[0-9]{1,2}月')} THEN {month} "
        f"WHEN {_matches(col, _YEAR + '[.][0-9]{1,2}[.][0-9]{1,2}')} "
        f"THEN TRY_CAST(replace({col}, '.', '-') AS DATE) "
        f"WHEN {_matches(col, f'{_DAY}[ T]{_CLOCK}')} "
        f"THEN CAST(TRY_CAST({col} AS TIMESTAMP) AS DATE) END"
    )


def datetime_sql(col: str) -> str:
    """`values.parse_datetime` as TIMESTAMP."""
    usual = f"{_DAY}([ T]{_CLOCK})?"
    return f"CASE WHEN {_matches(col, usual)} THEN TRY_CAST({col} AS TIMESTAMP) END"


def yes_no_sql(col: str) -> str:
    """`values.parse_yes_no` as BOOLEAN."""
    return f"CASE WHEN {col} IN ({_literals(YES)}) THEN true WHEN {col} IN ({_literals(NO)}) THEN false END"


def id_sql(col: str) -> str:
    """`values.parse_id_number` as VARCHAR: the normalised number."""
    usual = r"[0-9]{17}[0-9X]|[0-9]{15}|[0-9]{6}\*{8}[0-9]{3}[0-9X]"
    return f"CASE WHEN {_matches(col, usual)} THEN {col} END"


def uscc_sql(col: str) -> str:
    """`values.parse_uscc` as VARCHAR: the normalised number."""
    return f"CASE WHEN {_matches(col, '[0-9A-Z]{18}|[0-9]{15}')} THEN {col} END"
