"""Officials whose units serve each other's relatives."""

from __future__ import annotations

from datetime import date

from examples.cast import in_bureau, in_village, official_and_close_kin
from examples.firms import outsider, register
from examples.procurement import conflict, contract
from examples.world import Firm, Official, Person, World

_ID = "favour_exchange"
CLOSE = "弟弟 哥哥 妹妹 姐姐 妻弟 妻兄 妻子 丈夫 儿子 女儿"


def fitting(world: World, trade: str, others: list[Official]) -> tuple[Official, Person, Firm]:
    """Choose a bureau leader and a relative's new firm, none of it kin to the other officials."""
    units = {o.organization for o in others}
    posts = {id(o.person) for o in others}

    def fits(official: Official, relative: Person) -> bool:
        strangers = not any(id(relative) in o.kin for o in others)
        unrelated = not posts.intersection(official.kin)
        return strangers and unrelated and official.organization not in units

    official, relative = official_and_close_kin(world, in_bureau, CLOSE, fits)
    firm = register(world, trade, [relative, outsider(world)], shares=(70, 30))
    return official, relative, firm


def two_leaders(world: World) -> None:
    """Two leaders' bureaus each hire the other's relative's firm without a tender."""
    one, his, first = fitting(world, "印刷", [])
    other, hers, second = fitting(world, "信息", [one])
    contract(world, one.organization, second, "办公网络维护", 168_000, date(2022, 4, 12))
    contract(world, other.organization, first, "宣传折页印刷", 152_000, date(2022, 11, 3))
    world.plant(
        _ID, "两名局领导的单位分别聘用对方亲属的企业", "orange",
        one.person, other.person, his, hers, first, second,
    )  # fmt: skip


def three_in_turn(world: World) -> None:
    """A serves B's relative, B serves C's, and C, a village head, serves A's."""
    one, his, first = fitting(world, "绿化", [])
    other, hers, second = fitting(world, "餐饮", [one])
    taken = [one, other]

    def fits(official: Official, relative: Person) -> bool:
        village = official.village
        assert village is not None
        strangers = not any(id(relative) in o.kin for o in taken)
        return (
            strangers
            and "主任" in official.position
            and not conflict(world, first, village.committee)
        )

    third, theirs = official_and_close_kin(world, in_village, CLOSE, fits)
    last = register(world, "办公", [theirs, outsider(world)], shares=(70, 30))
    village = third.village
    assert village is not None
    contract(world, one.organization, second, "值班食堂供餐", 128_000, date(2021, 10, 9))
    contract(world, other.organization, last, "档案柜采购", 126_000, date(2022, 5, 17))
    contract(
        world, village.committee, first, f"{village.name}村口绿化", 118_000, date(2022, 8, 23),
        township=village.township, village=village.name,
    )  # fmt: skip
    world.plant(
        _ID, "三名干部依次由对方单位聘用亲属的企业", "orange",
        one.person, other.person, third.person, his, hers, theirs,
    )  # fmt: skip


CASES = (two_leaders, three_in_turn)
