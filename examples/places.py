"""The county's map: townships and villages, all made up."""

from __future__ import annotations

from dataclasses import dataclass

COUNTY = "青澜县"
_TOWNSHIPS = "城关镇 河口镇 石桥镇 柳林镇 白塘镇 沙溪镇 双塔乡 云岭乡 大湾乡 青峰乡 松坪乡 竹园镇"
_VILLAGES = (
    "东关 南门 北苑 新桥 河东 渡口 下河 上河 鱼塘 芦苇 石桥 青石 石坎 前石 后石 柳林 东柳 西柳 柳湾 杨树 "
    "白塘 荷塘 莲花 藕塘 菱湖 沙溪 溪头 溪尾 沙洲 金沙 双塔 塔前 塔后 古塔 塔下 云岭 云上 云下 岭头 岭脚 "
    "大湾 小湾 月湾 湾头 龙湾 青峰 峰前 峰下 秀峰 鹰嘴 松坪 松岗 马尾 松林 松涛 竹园 竹溪 紫竹 竹坞 翠竹"
)


@dataclass(frozen=True)
class Village:
    """A village of a township; names are unique in the county."""

    name: str
    township: str

    @property
    def committee(self) -> str:
        """Name of the villagers' committee, which buys and signs for the village."""
        return f"{self.name}村民委员会"


@dataclass(frozen=True)
class Places:
    """Townships and their villages, in a fixed order."""

    townships: tuple[str, ...]
    villages: tuple[Village, ...]

    def of(self, township: str) -> tuple[Village, ...]:
        """Villages of one township."""
        return tuple(v for v in self.villages if v.township == township)


def make_places(villages_per_township: int = 5) -> Places:
    """The map, with fewer villages for a smaller county.

    Examples
    --------
    >>> len(make_places().villages)
    60
    """
    townships = tuple(_TOWNSHIPS.split())
    names = _VILLAGES.split()
    villages = tuple(
        Village(f"{names[5 * i + j]}村", township)
        for i, township in enumerate(townships)
        for j in range(villages_per_township)
    )
    return Places(townships, villages)
