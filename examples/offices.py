"""Bureaus, township governments and village committees, who holds their posts, and what they declare."""

from __future__ import annotations

from datetime import date

from examples.kin import relatives
from examples.places import COUNTY, Village
from examples.world import Official, Person, World

BUREAUS = tuple(
    COUNTY + name
    for name in [
        "住房和城乡建设局",
        "交通运输局",
        "水利局",
        "农业农村局",
        "民政局",
        "教育局",
        "卫生健康局",
        "财政局",
        "自然资源局",
        "公安局",
        "人力资源和社会保障局",
        "文化广电和旅游局",
        "市场监督管理局",
        "审计局",
        "发展和改革局",
        "应急管理局",
        "退役军人事务局",
        "残疾人联合会",
        "城市管理局",
        "林业局",
    ]
)
_DUTIES = {
    "住房和城乡建设局": "工程建设、招投标监管",
    "交通运输局": "公路建设养护",
    "水利局": "水利工程",
    "农业农村局": "惠农补贴、农机",
    "民政局": "社会救助",
    "教育局": "校舍建设、装备采购",
    "公安局": "治安、案件办理",
}
# The terms of declarations; the remoter near relatives stand in no form.
_DECLARED = frozenset(
    [
        "妻子",
        "丈夫",
        "父亲",
        "母亲",
        "儿子",
        "女儿",
        "哥哥",
        "弟弟",
        "姐姐",
        "妹妹",
        "岳父",
        "岳母",
        "公公",
        "婆婆",
        "妻兄",
        "妻弟",
        "妻姐",
        "妻妹",
        "夫兄",
        "夫弟",
        "夫姐",
        "夫妹",
        "儿媳",
        "女婿",
    ]
)
TERM_START = date(2021, 4, 6)


def township_office(township: str) -> str:
    """Name of a township's government."""
    return f"{COUNTY}{township}人民政府"


def fill_posts(world: World) -> None:
    """Appoint two leaders a bureau, two or three a township, one or two cadres a village."""
    for bureau in BUREAUS:
        for position in (
            "局长" if bureau.endswith("局") else "理事长",
            "副" + ("局长" if bureau.endswith("局") else "理事长"),
        ):
            _appoint(world, bureau, position, "公务员")
    for index, township in enumerate(world.places.townships):
        office = township_office(township)
        head = "镇长" if township.endswith("镇") else "乡长"
        for position in (head, "民政办主任", "党委书记")[: 3 if index % 2 == 0 else 2]:
            _appoint(world, office, position, "公务员", township=township)
    for index, village in enumerate(world.places.villages):
        _appoint(world, village.committee, "党总支书记、村民委员会主任", "村两委", village=village)
        if index % 3 == 0:
            _appoint(world, village.committee, "村民委员会委员、会计", "村两委", village=village)


def _appoint(
    world: World,
    organization: str,
    position: str,
    identity_type: str,
    village: Village | None = None,
    township: str | None = None,
) -> Official:
    posts = {id(o.person) for o in world.officials}
    for colleague in world.officials:
        # 任职回避: near relatives don't serve in one unit.
        if colleague.organization == organization:
            posts.update(colleague.kin)
    pool = [
        p
        for p in world.people
        if 30 <= p.age() <= 58
        and not p.death
        and p.spouse
        and id(p) not in posts
        and (village is None or p.village is village)
        and (township is None or p.village.township == township)
    ]
    person = world.rng.choice(pool)
    start = TERM_START if village else world.day(date(2015, 3, 1), date(2019, 12, 20))
    official = Official(
        person, organization, position, identity_type, start, None, village,
        village.township if village else township,
    )  # fmt: skip
    official.kin = relatives(person)
    world.officials.append(official)
    return official


def official_rows(world: World) -> None:
    """Write the tables ``officials``, ``kinship`` and ``payroll``."""
    for official in world.officials:
        person = official.person
        leader = official.identity_type == "公务员"
        world.tables.add(
            "officials", name=person.name, id_number=person.id_number,
            organization=official.organization, position=official.position,
            rank="乡科级正职" if official.position in ("局长", "镇长", "乡长", "党委书记") else "乡科级副职" if leader else None,
            identity_type=official.identity_type,
            political_status="中共党员" if leader or "书记" in official.position else "群众",
            authority="县委管理" if leader else "乡镇党委管理",
            duties=_DUTIES.get(official.organization.removeprefix(COUNTY)),
            start_date=official.start, end_date=official.end, phone=person.phone,
            township=official.township, village=official.village.name if official.village else None,
        )  # fmt: skip
        for _, (term, relative) in sorted(official.kin.items(), key=lambda kv: kv[1][1].id_number):
            if term in _DECLARED and not (relative.death and relative.death < date(2021, 6, 1)):
                declare(world, official, term, relative)
        if leader:
            world.tables.add(
                "payroll", name=person.name, id_number=person.id_number,
                unit=official.organization, start_date=official.start,
            )  # fmt: skip
    _predecessors(world)
    _teachers(world)


def _predecessors(world: World) -> None:
    """Some who held posts before and retired, so that not every post on the list is held today."""
    near = {key for o in world.officials for key in (*o.kin, id(o.person))}
    retired = [p for p in world.people if 60 <= p.age() <= 68 and not p.death and id(p) not in near]
    for person, bureau in zip(retired[:4], BUREAUS, strict=False):
        world.tables.add(
            "officials", name=person.name, id_number=person.id_number, organization=bureau,
            position="副局长", rank="乡科级副职", identity_type="公务员", political_status="中共党员",
            authority="县委管理", start_date=date(2008, 4, 1), end_date=date(2017, 9, 30),
        )  # fmt: skip


def declare(world: World, official: Official, term: str, relative: Person) -> dict[str, object]:
    """Write one relative into the official's declaration and return the row."""
    person = official.person
    couple = term in ("妻子", "丈夫")
    return world.tables.add(
        "kinship", name=person.name, id_number=person.id_number, relation=term,
        relative_name=relative.name, relative_id_number=relative.id_number,
        relative_employer="务农" if relative.age() >= 16 else "学生",
        relative_phone=relative.phone if relative.age() >= 16 else None,
        relative_birth_date=relative.birth, start_date=person.married if couple else None,
        form="个人有关事项报告表" if official.identity_type == "公务员" else "村干部亲属情况登记表",
        filed_on=date(2022, 1, 20),
    )  # fmt: skip


def _teachers(world: World) -> None:
    """Put teachers and nurses on the payroll, so that it isn't a list of leaders alone."""
    posts = {id(o.person) for o in world.officials}
    pool = [p for p in world.people if 24 <= p.age() <= 57 and not p.death and id(p) not in posts]
    for person in world.rng.sample(pool, min(160, len(pool) // 4)):
        township = person.village.township
        world.tables.add(
            "payroll", name=person.name, id_number=person.id_number,
            unit=world.rng.choice((f"{township}中心小学", f"{township}卫生院", f"{township}初级中学")),
            start_date=date(person.birth.year + 23, 9, 1),
        )  # fmt: skip
