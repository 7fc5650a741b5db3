"""称谓 and their chains: one line a chain, the canonical written term first, then synonyms.

Steps: f m p father, mother, parent; s d c son, daughter, child; h w e husband, wife, spouse;
ob yb b elder, younger, any brother; os ys z elder, younger, any sister; x brother or sister.
``+`` and ``-`` behind a cousin's last step: elder, younger than ego. A term that stands at several
chains has several readings. ``.`` instead of a canonical term: the chain is written by a more
general line.
"""

from __future__ import annotations

_PLAIN = """
= 本人 户主 自己 我 户主本人 本人或户主
e 配偶 爱人 老伴 伴侣 夫妻 夫妻关系 两口子
h 丈夫 夫 老公 先生 夫君 当家的 掌柜的 爱人 老伴 孩子他爸 孩他爸
w 妻子 妻 老婆 太太 夫人 内人 婆娘 堂客 媳妇 爱人 老伴 孩子他妈 孩他妈 屋里人 妻儿
f 父亲 父 爸爸 爸 爹 阿爸 老爸 老爹 爹爹 生父 亲生父亲 家父 父女 父子
m 母亲 母 妈妈 妈 娘 阿妈 老妈 老娘 生母 亲生母亲 家母 母子 母女
p 父母 父母亲 双亲 爹娘 爸妈
f,f 祖父 爷爷 爷 阿爷 爷孙
f,m 祖母 奶奶 奶 阿奶 嬷嬷
f,p 祖父母 爷爷奶奶
m,f 外祖父 外公 姥爷 老爷 外爷 家公 嘎公 阿公
m,m 外祖母 外婆 姥姥 姥娘 家婆 嘎婆 外奶奶 阿婆
m,p 外祖父母 外公外婆 姥姥姥爷
f,f,f 曾祖父 太爷爷 老爷爷 太公 曾爷爷 太爷
f,f,m 曾祖母 太奶奶 老奶奶 曾奶奶 太婆
f,m,f 曾外祖父
f,m,m 曾外祖母
m,f,f 外曾祖父 太外公
m,f,m 外曾祖母 太外婆
m,m,f 外曾外祖父
m,m,m 外曾外祖母
f,f,f,f 高祖父
f,f,f,m 高祖母
f,f,m,f 高外祖父
f,f,m,m 高外祖母
f,m,f,f 曾外曾祖父
f,m,f,m 曾外曾祖母
f,m,m,f 曾外曾外祖父
f,m,m,m 曾外曾外祖母
m,f,f,f 外高祖父
m,f,f,m 外高祖母
m,f,m,f 外高外祖父
m,f,m,m 外高外祖母
m,m,f,f 外曾外曾祖父
m,m,f,m 外曾外曾祖母
m,m,m,f 外曾外曾外祖父
m,m,m,m 外曾外曾外祖母
p,p . 祖孙
s 儿子 子 儿 男儿 独生子 父子 母子
d 女儿 女 闺女 囡 独生女 父女 母女
c 子女 孩子 儿女 小孩 独生子女 妻儿
s,s 孙子 孙 孙儿 爷孙
s,d 孙女
s,c 孙子女
d,s 外孙 外孙子
d,d 外孙女
d,c 外孙子女
s,s,s 曾孙 重孙 曾孙子 重孙子
s,s,d 曾孙女 重孙女
s,d,s 曾外孙
s,d,d 曾外孙女
d,s,s 外曾孙
d,s,d 外曾孙女
d,d,s 外曾外孙
d,d,d 外曾外孙女
s,s,s,s 玄孙
s,s,s,d 玄孙女
s,s,d,s 玄外孙
s,s,d,d 玄外孙女
s,d,s,s 曾外曾孙
s,d,s,d 曾外曾孙女
s,d,d,s 曾外曾外孙
s,d,d,d 曾外曾外孙女
d,s,s,s 外玄孙
d,s,s,d 外玄孙女
d,s,d,s 外玄外孙
d,s,d,d 外玄外孙女
d,d,s,s 外曾外曾孙
d,d,s,d 外曾外曾孙女
d,d,d,s 外曾外曾外孙
d,d,d,d 外曾外曾外孙女
c,c . 祖孙 孙辈
ob 哥哥 兄 哥 兄长 胞兄 阿哥 亲哥 亲哥哥
yb 弟弟 弟 胞弟 阿弟 亲弟 亲弟弟
b 兄弟 弟兄 胞兄弟 亲兄弟
os 姐姐 姐 姊 胞姐 阿姐 亲姐 亲姐姐
ys 妹妹 妹 胞妹 阿妹 亲妹 亲妹妹
z 姐妹 姊妹 胞姐妹 亲姐妹
x 兄弟姐妹 同胞 兄妹 姐弟 兄弟姊妹
ob,w 嫂子 嫂 嫂嫂 大嫂 兄嫂
yb,w 弟媳 弟妹 弟妇 弟媳妇
b,w 兄弟媳妇
os,h 姐夫 姐丈 姐婿
ys,h 妹夫 妹婿 妹丈
z,h 姐妹夫
b,s 侄子 侄 侄儿 侄男
b,d 侄女
b,c 侄子女 叔侄
z,s 外甥 甥 外甥子 甥男 姨甥
z,d 外甥女 甥女 姨甥女
z,c 外甥子女 舅甥
b,s,w 侄媳 侄媳妇 侄儿媳妇
b,d,h 侄女婿 侄婿
z,s,w 外甥媳 外甥媳妇 甥媳 甥媳妇
z,d,h 外甥女婿 甥女婿 甥婿
b,s,s 侄孙 侄孙子
b,s,d 侄孙女
b,d,s 侄外孙
b,d,d 侄外孙女
z,s,s 甥孙 外甥孙
z,s,d 甥孙女 外甥孙女
z,d,s 甥外孙 外甥外孙
z,d,d 甥外孙女 外甥外孙女
f,ob 伯父 伯 伯伯 大伯 大爷 大爹 大爸
f,yb 叔父 叔 叔叔 小叔 阿叔 爷叔 叔侄 幺爸 幺叔
f,b 伯叔父 伯叔 叔伯 二爸 三爸 四爸
f,z 姑母 姑 姑姑 姑妈 大姑 小姑 姑妈妈
m,b 舅父 舅 舅舅 大舅 小舅 娘舅 母舅 舅甥
m,z 姨母 姨 姨妈 大姨 小姨 阿姨 姨娘
f,ob,w 伯母 伯娘 大妈 大娘
f,yb,w 婶母 婶 婶婶 婶子 婶娘 叔母 婶妈
f,b,w 伯叔母
f,z,h 姑父 姑丈 姑夫 姑爹 大姑丈 小姑丈 大姑夫 小姑夫
m,b,w 舅母 舅妈 妗子 妗母 舅娘 大舅妈 小舅妈
m,z,h 姨父 姨丈 姨夫 姨爹 大姨丈 小姨丈 大姨夫 小姨夫
f,f,ob 伯祖父 伯公 伯爷爷 大爷爷
f,f,yb 叔祖父 叔公 叔爷爷 小爷爷 幺爷爷
f,f,b 伯叔祖父 二爷爷 三爷爷 四爷爷 五爷爷
f,f,z 姑祖母 姑奶奶 姑婆
f,m,b 舅祖父 舅公 舅爷爷 舅爷
f,m,z 姨祖母 姨奶奶 姨婆
f,f,ob,w 伯祖母 伯婆
f,f,yb,w 叔祖母 叔婆
f,f,b,w 伯叔祖母 二奶奶 三奶奶 四奶奶
f,f,z,h 姑祖父 姑爷爷 姑公
f,m,b,w 舅祖母 舅奶奶 舅婆
f,m,z,h 姨祖父 姨爷爷 姨公
m,f,ob 外伯祖父 伯外公
m,f,yb 外叔祖父 叔外公
m,f,b 外伯叔祖父 二外公 三外公 二姥爷 三姥爷
m,f,z 外姑祖母 姑外婆 姑姥姥
m,m,b 外舅祖父 舅外公 舅姥爷
m,m,z 外姨祖母 姨外婆 姨姥姥
f,f,b,s 堂伯叔 堂伯 堂叔
f,f,b,d 堂姑
m,f,b,s 堂舅
m,f,b,d 堂姨
f,f,z,s 姑表叔 表叔 表伯
f,m,b,s 舅表叔 表叔 表伯
f,m,z,s 姨表叔 表叔 表伯 姨伯父 姨叔父
m,f,z,s 姑表舅 表舅
m,m,b,s 舅表舅 表舅
m,m,z,s 姨表舅 表舅
h,f 公公 家翁 公爹 老公公 公媳 翁媳
h,m 婆婆 婆母 婆妈 婆媳
h,p 公婆 公公婆婆
w,f 岳父 翁婿 丈人 老丈人 岳丈 外父 泰山
w,m 岳母 丈母娘 丈母 岳母娘 外母 泰水
w,p 岳父母 岳父岳母
e,p 配偶父母
w,f,ob 伯岳父
w,f,yb 叔岳父
w,f,b 伯叔岳父
w,f,z 姑岳母
w,m,b 舅岳父
w,m,z 姨岳母
h,f,ob 夫伯父 伯公父
h,f,yb 夫叔父 叔公父
h,f,b 夫伯叔父
h,f,z 夫姑母 姑婆母
h,m,b 夫舅父 舅公父
h,m,z 夫姨母 姨婆母
w,ob 妻兄 大舅子 大舅哥 内兄 舅哥 妻哥 大舅
w,yb 妻弟 小舅子 内弟 小舅
w,b 妻兄弟 舅子 内兄弟 妻舅
w,os 妻姐 大姨子 大姨姐 内姐 大姨
w,ys 妻妹 小姨子 姨妹 内妹 小姨
w,z 妻姐妹 姨子
h,ob 夫兄 大伯子 大伯哥 大伯
h,yb 夫弟 小叔子 小叔
h,b 夫兄弟
h,os 夫姐 大姑子 大姑姐 大姑
h,ys 夫妹 小姑子 小姑
h,z 夫姐妹 姑子
w,z,h 连襟 襟兄弟 连桥 一担挑 担挑 挑担 襟兄 襟弟 连衿 连袂 两乔
w,os,h . 妻姐夫 大姨夫
w,ys,h . 妻妹夫 小姨夫
w,ob,w 妻嫂 舅嫂 大舅嫂 内嫂 大舅妇
w,yb,w 妻弟媳 内弟媳 小舅媳妇 小舅妇
w,b,w 妻兄弟媳妇
h,b,w 妯娌 妯娌关系
h,ob,w . 夫嫂 大婶子
h,yb,w . 夫弟媳 小婶子
h,os,h 夫姐夫 大姑夫
h,ys,h 夫妹夫 小姑夫
h,z,h 夫姐妹夫
w,b,s 妻侄 内侄 妻侄子 舅侄
w,b,d 妻侄女 内侄女 舅侄女
w,z,s 妻外甥 姨甥
w,z,d 妻外甥女 姨甥女
h,b,s 夫侄 夫侄子
h,b,d 夫侄女
h,z,s 夫外甥
h,z,d 夫外甥女
s,w 儿媳 媳妇 儿媳妇 媳 子媳 婆媳 公媳 翁媳
d,h 女婿 婿 翁婿 姑爷 上门女婿 入赘女婿
c,e 子女配偶
s,s,w 孙媳 孙媳妇
s,d,h 孙女婿 孙婿
d,s,w 外孙媳 外孙媳妇
d,d,h 外孙女婿
s,s,s,w 曾孙媳 重孙媳
s,s,d,h 曾孙女婿 重孙女婿
s,d,s,w 曾外孙媳
s,d,d,h 曾外孙女婿
d,s,s,w 外曾孙媳
d,s,d,h 外曾孙女婿
d,d,s,w 外曾外孙媳
d,d,d,h 外曾外孙女婿
s,w,f 亲家公 亲家翁
s,w,m 亲家母
d,h,f 亲家公 亲家翁
d,h,m 亲家母
c,e,p 亲家 儿女亲家
b,w,f . 姻伯 姻伯父
z,h,f . 姻伯 姻伯父
d,h,b . 姻侄
s,w,b . 姻侄
d,h,z . 姻侄女
s,w,z . 姻侄女
"""


def _cousins() -> list[tuple[str, str]]:
    """The lines of first cousins, their spouses and their children."""
    lines = []
    for chain, prefix in (("f,b", "堂"), ("f,z", "姑表"), ("m,b", "舅表"), ("m,z", "姨表")):
        short = prefix[-1]
        rows = {
            "s+": ["兄", "哥", "哥哥"],
            "s-": ["弟", "弟弟"],
            "s": ["兄弟", "弟兄"],
            "d+": ["姐", "姐姐", "姊"],
            "d-": ["妹", "妹妹"],
            "d": ["姐妹", "姊妹"],
            "c": ["兄弟姐妹", "亲"],
            "s+,w": ["嫂", "嫂子"],
            "s-,w": ["弟媳", "弟妹", "弟媳妇"],
            "s,w": ["兄弟媳妇"],
            "d+,h": ["姐夫"],
            "d-,h": ["妹夫"],
            "d,h": ["姐妹夫"],
            "s,s": ["侄", "侄子"],
            "s,d": ["侄女"],
            "d,s": ["外甥"],
            "d,d": ["外甥女"],
        }
        for rest, words in rows.items():
            terms = [prefix + word for word in words]
            if short != prefix:
                terms += [short + word for word in words]
            if prefix == "姨表":
                terms += [
                    "姨" + word
                    for word in words
                    if word in ("兄", "哥", "弟", "姐", "妹", "嫂", "弟媳", "姐夫", "妹夫")
                ]
            lines.append((f"{chain},{rest}", " ".join(terms)))
            # Cousins of the spouse are written with whose they are: 妻堂弟.
            if "," not in rest:
                for spouse, whose in (("w", "妻"), ("h", "夫")):
                    lines.append((f"{spouse},{chain},{rest}", " ".join(whose + t for t in terms)))
    return lines


LINES: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (chain, tuple(terms.split()))
    for chain, terms in [
        *(line.split(" ", 1) for line in _PLAIN.strip().splitlines()),
        *_cousins(),
    ]
)

# Of ties that have ended or were none in law.
FORMER = frozenset("前妻 前夫 前配偶 前任配偶 前任 离异配偶 离婚配偶 原配偶 原妻 原夫".split())  # noqa: SIM905

# No relation in law, or none that a chain can be read from.
NO_RELATION = FORMER | frozenset(
    [
        "其他",
        "其他亲属",
        "非亲属",
        "其他关系",
        "无",
        "无关系",
        "亲戚",
        "亲属",
        "保姆",
        "同事",
        "朋友",
        "邻居",
        "干爹",
        "干妈",
        "干儿子",
        "干女儿",
        "义父",
        "义母",
        "义子",
        "义女",
        "同居",
        "同居关系",
        "未婚夫",
        "未婚妻",
        "男朋友",
        "女朋友",
    ]
)
