"""Finding detectors, reading their settings, and running them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations
from types import ModuleType
from typing import Any

import ibis
import pyarrow as pa
import pytest

from detectors import runner
from detectors.detector import KIN, Detector, Finding, Requires, Result, Spec, setting
from detectors.discover import FAMILIES, FAMILY_TITLES, as_detector, discover, select
from detectors.evidence import records
from detectors.legal import unknown
from detectors.runner import (
    check_settings,
    requirements_status,
    run_detectors,
    settings_for,
)
from ingest.errors import UserError
from ingest.tables import TABLES

BANNED = ("违法", "违纪", "犯罪", "贪污", "套取", "侵吞", "充当保护伞")
FIRST = {
    "below_threshold_split",
    "cobidding_group",
    "own_unit_supplier",
    "paid_after_death",
    "shared_deposit",
    "shared_submission",
    "unfiled_kin",
}


@dataclass(frozen=True)
class Data:
    """Says which columns are filled, like a snapshot or an intake report."""

    filled: dict[str, tuple[str, ...]]

    def has(self, table: str, *columns: str) -> bool:
        return table in self.filled and set(columns) <= set(self.filled[table])

    def foreign_currency(self, name: str) -> str | None:
        return None


ALL_DATA = Data({t.name: tuple(c.name for c in t.columns) for t in TABLES.values()})


@dataclass(frozen=True)
class Settings:
    days: int = setting(90, unit="天", reason="测试", least=1, most=366)
    share: float = setting(0.5, unit="比例", reason="测试", least=0, most=1)
    words: tuple[str, ...] = setting(("甲",), unit="无", reason="测试")
    rule: bool = setting(False, unit="是/否", reason="测试")
    limit: int | None = setting(None, unit="元", reason="测试", least=1)


def made_up(detect: Any = None, **changes: Any) -> Detector:
    spec = Spec(
        id="made_up",
        title="测试项",
        family="subsidy",
        version=1,
        what="测试。",
        strength=("weak",),
        kinds=("register",),
        requires=(Requires("deaths", ("name", "death_date")),),
        settings=Settings,
        legal=(),
        benign=(),
        next_steps=("核对。",),
        event_key="无",
    )
    return Detector(replace(spec, **changes), detect or (lambda snapshot, settings: EMPTY))


EMPTY = Result("人", 0, 0, 0, 0, 0, ())


# -- discovery -----------------------------------------------------------------------------------


def test_the_first_seven_are_found_in_order() -> None:
    found = discover()
    assert set(found) >= FIRST
    assert list(found) == sorted(found)
    assert all(d.spec.family in FAMILIES for d in found.values())
    assert set(FAMILY_TITLES) == set(FAMILIES)


def test_a_file_must_be_named_and_placed_as_its_spec_says() -> None:
    module = ModuleType("detectors.subsidy.other")
    module.SPEC = made_up().spec  # type: ignore[attr-defined]
    module.detect = made_up().detect  # type: ignore[attr-defined]
    assert as_detector(module, "subsidy", "made_up").spec.id == "made_up"
    with pytest.raises(TypeError, match="subsidy/made_up"):
        as_detector(module, "subsidy", "other")
    with pytest.raises(TypeError, match="subsidy/made_up"):
        as_detector(module, "procurement", "made_up")
    with pytest.raises(TypeError, match="SPEC"):
        as_detector(ModuleType("detectors.subsidy.empty"), "subsidy", "empty")


def test_select_takes_families_and_ids_each_once() -> None:
    chosen = [d.spec.id for d in select(["subsidy", "paid_after_death", "shared_deposit"])]
    assert chosen == sorted(chosen)
    assert chosen.count("paid_after_death") == 1
    assert {"paid_after_death", "unfiled_kin", "shared_deposit"} <= set(chosen)
    assert {d.spec.family for d in select(["subsidy"])} == {"subsidy"}
    assert len(select()) == len(discover())


def test_an_unknown_name_is_refused_with_the_nearest_ones() -> None:
    with pytest.raises(UserError, match=r"paid_after_deth.*您是否想写：paid_after_death") as error:
        select(["paid_after_deth"])
    assert error.value.exit_status == 2


# -- specs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(discover()))
def test_spec_is_complete(name: str) -> None:
    spec = discover()[name].spec
    assert spec.what.endswith("。")
    assert spec.next_steps
    assert spec.benign, "whoever can't name an innocent explanation doesn't understand it yet"
    assert unknown(spec.legal) == ()
    assert len({b.key for b in spec.benign}) == len(spec.benign)
    asked = [*spec.requires, *spec.requires_any, *spec.optional]
    asked += [r.instead for r in asked if r.instead is not None]
    for required in asked:
        columns = {c.name for c in TABLES[required.table].columns}
        assert set(required.columns) <= columns, required
    for parameter in spec.parameters():
        assert parameter["unit"]
        assert parameter["reason"]
        assert parameter["source"]
    text = str(spec)
    assert not [word for word in BANNED if word in text]


@pytest.mark.parametrize("name", sorted(discover()))
def test_defaults_are_acceptable_settings(name: str) -> None:
    detector = discover()[name]
    said = {p["name"]: p["default"] for p in detector.spec.parameters() if p["default"] is not None}
    assert settings_for(detector, said) == detector.spec.settings()


# -- settings ------------------------------------------------------------------------------------


def test_settings_take_toml_values() -> None:
    values = {"days": 30, "share": 1, "words": ["乙", "丙"], "rule": True, "limit": 5}
    chosen = settings_for(made_up(), values)
    assert chosen == Settings(30, 1.0, ("乙", "丙"), True, 5)
    assert settings_for(made_up(), {}) == Settings()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"dyas": 3}, "没有设置项“dyas”.*您是否想写：days.*enabled"),
        ({"days": "30"}, "“days”的值 '30' 类型不对"),
        ({"days": 30.5}, "“days”.*类型不对"),
        ({"days": True}, "“days”.*类型不对"),
        ({"rule": 1}, "“rule”.*类型不对"),
        ({"words": "乙"}, "“words”.*类型不对"),
        ({"days": 0}, "“days”的值须在 1 与 366 之间，现为 0"),
        ({"share": 1.01}, "“share”的值须在 0 与 1 之间"),
        ({"share": float("nan")}, "“share”"),
        ({"limit": 0}, "“limit”的值须不小于 1"),
        ({"enabled": "yes"}, "“enabled”只能是 true 或 false"),
    ],
)
def test_unusable_settings_are_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said) as error:
        settings_for(made_up(), values)
    assert "测试项" in error.value.message
    assert error.value.exit_status == 2


def test_bounds_are_inclusive() -> None:
    assert settings_for(made_up(), {"days": 366, "share": 0.0}).days == 366


def test_settings_of_an_unknown_detector_are_refused() -> None:
    with pytest.raises(UserError, match=r"“own_unit_suplier”不存在.*own_unit_supplier"):
        check_settings({"own_unit_suplier": {}})


def test_settings_are_checked_before_anything_runs() -> None:
    ran = []
    detector = made_up(lambda snapshot, settings: ran.append(1) or EMPTY)
    with pytest.raises(UserError):
        run_detectors(ALL_DATA, [detector], {"paid_after_death": {"nonsense": 1}})
    assert not ran


# -- requirements --------------------------------------------------------------------------------


def test_missing_tables_and_columns_are_named_in_chinese() -> None:
    detector = made_up(
        requires_any=(Requires("subsidies", ("pay_date",)), Requires("subsidies", ("year",))),
        optional=(Requires("households"),),
    )
    [status] = requirements_status(Data({}), [detector])
    assert status.missing is not None
    assert "缺少《死亡登记" in status.missing
    assert "死亡日期" in status.missing
    assert "至少要有一项" in status.missing
    assert status.gaps == ("缺少《户籍》",)
    [status] = requirements_status(Data({"deaths": ("name",), "subsidies": ("year",)}), [detector])
    assert status.missing is not None
    assert "没有死亡日期" in status.missing
    assert "至少" not in status.missing
    whole = Data({"deaths": ("name", "death_date"), "subsidies": ("year",), "households": ()})
    [status] = requirements_status(whole, [detector])
    assert status.missing is None
    assert status.gaps == ()


def test_what_does_as_well_is_named_with_what_it_stands_for() -> None:
    detector = made_up(requires=(KIN,))
    [status] = requirements_status(Data({"households": ("household_no", "name")}), [detector])
    assert status.missing is not None
    assert "缺少《亲属" in status.missing
    assert "且《户籍》中没有与户主关系的数据" in status.missing
    whole = Data({"households": ("household_no", "name", "relation_to_head")})
    [status] = requirements_status(whole, [detector])
    assert status.missing is None


def test_all_detectors_could_run_on_all_tables() -> None:
    for status in requirements_status(ALL_DATA, list(discover().values())):
        assert status.missing is None, status


# -- running -------------------------------------------------------------------------------------


def test_a_crash_is_recorded_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    def crash(snapshot: Any, settings: Any) -> Result:
        raise ZeroDivisionError("by nought")

    with caplog.at_level("DEBUG", logger=runner.__name__):
        crashed, ran = run_detectors(ALL_DATA, [made_up(crash), made_up(id="made_up_too")], {})
    assert crashed.status == "crashed"
    assert crashed.result is None
    assert crashed.reason is not None
    assert "ZeroDivisionError：by nought" in crashed.reason
    assert "Traceback" not in crashed.reason
    assert "by nought" in caplog.text
    assert ran.status == "ran"
    assert ran.result is EMPTY


def test_what_can_not_run_is_skipped_with_its_reason() -> None:
    [outcome] = run_detectors(Data({}), [made_up()], {})
    assert outcome.status == "skipped"
    assert outcome.reason is not None
    assert "死亡登记" in outcome.reason


def test_a_detector_can_be_switched_off_and_on() -> None:
    known = discover()["paid_after_death"]
    off = Detector(known.spec, lambda snapshot, settings: EMPTY)
    [outcome] = run_detectors(ALL_DATA, [off], {"paid_after_death": {"enabled": False}})
    assert (outcome.status, outcome.reason) == ("skipped", "按配置不运行。")
    asleep = Detector(replace(known.spec, enabled=False), off.detect)
    assert run_detectors(ALL_DATA, [asleep], {})[0].status == "skipped"
    [outcome] = run_detectors(ALL_DATA, [asleep], {"paid_after_death": {"enabled": True}})
    assert outcome.status == "ran"


def test_progress_names_each_detector() -> None:
    said: list[str] = []
    run_detectors(ALL_DATA, [made_up()], {}, lambda stage, done, total: said.append(stage))
    assert said == ["检测：测试项", "检测"]


# -- combining -----------------------------------------------------------------------------------


def finding(title: str) -> Finding:
    return Finding((), (), title, title, (), (), None, None, "certain")


def seen(title: str) -> Result:
    return Result("人", 1, 1, 0, 0, 0, (finding(title),))


def combining(got: list[Any], *names: str) -> Detector:
    def detect(snapshot: Any, settings: Any, earlier: Any) -> Result:
        got.append(earlier)
        return EMPTY

    return made_up(detect, id="made_up_all", combines=names)


def test_one_that_combines_runs_last_and_gets_what_the_others_found() -> None:
    got: list[Any] = []
    one = made_up(lambda snapshot, settings: seen("甲"), id="made_up_one")
    asked = [combining(got, "made_up_one", "not_there"), one]
    outcomes = run_detectors(ALL_DATA, asked, {})
    assert [o.detector.spec.id for o in outcomes] == ["made_up_all", "made_up_one"]
    assert got == [{"made_up_one": (finding("甲"),)}]


def test_what_was_skipped_or_crashed_is_absent_from_what_is_combined() -> None:
    def crash(snapshot: Any, settings: Any) -> Result:
        raise ZeroDivisionError("by nought")

    got: list[Any] = []
    skipped = made_up(id="made_up_skipped", requires=(Requires("deaths", ("nothing",)),))
    asked = [skipped, made_up(crash, id="made_up_crash")]
    asked.append(combining(got, "made_up_skipped", "made_up_crash"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "missing_for", lambda s, d: "缺" if d is skipped else None)
        outcomes = run_detectors(ALL_DATA, asked, {})
    assert [o.status for o in outcomes] == ["skipped", "crashed", "ran"]
    assert got == [{}]


def test_inputs_that_were_not_asked_for_run_but_have_no_outcome() -> None:
    got: list[Any] = []
    known = discover()["paid_after_death"]
    with pytest.MonkeyPatch.context() as patch:
        quiet = replace(known, detect=lambda snapshot, settings: seen("乙"))
        patch.setattr(runner, "discover", lambda: {"paid_after_death": quiet})
        outcomes = run_detectors(ALL_DATA, [combining(got, "paid_after_death")], {})
    assert [o.detector.spec.id for o in outcomes] == ["made_up_all"]
    assert got == [{"paid_after_death": (finding("乙"),)}]


def test_a_ring_combines_every_detector_of_bids_but_that_of_experts() -> None:
    family = {d.spec.id for d in discover().values() if d.spec.family == "bid_rigging"}
    assert family - {"ring", "score_deviation"} == set(discover()["ring"].spec.combines)


def test_outcomes_must_add_up() -> None:
    with pytest.raises(ValueError, match="add up"):
        Result("人", 3, 0, 1, 1, 0, ())


def test_rows_come_in_the_order_of_what_they_say() -> None:
    """Whoever takes the first of several takes the same one on every run."""
    rows = [
        {"row_id": 3, "who": "乙", "sources": [{"t": "kinship", "r": 1}]},
        {"row_id": 1, "who": "乙", "sources": [{"t": "households", "r": 9}]},
        {"row_id": 2, "who": "甲", "sources": []},
    ]
    told = [
        [row["sources"] for row in records(ibis.memtable(pa.Table.from_pylist(order)))]
        for order in permutations(rows)
    ]
    assert all(one == told[0] for one in told)
