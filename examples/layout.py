"""Which department sends which table, in what kind of file, under what headers and in what units."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Delivery:
    """How one table arrives.

    Parameters
    ----------
    table, folder, name
        Canonical table, department's folder, file name without ending; ``{}`` stands for the
        value of ``split``.
    kind : str
        ``xlsx``, ``xls``, ``gbk``, ``utf8``, ``bom`` or ``utf16``.
    split : str or None
        Column by whose value the table is cut into files (a date column: by year).
    title : str or None
        Title row above the header, merged over all columns in workbooks.
    headers : dict
        Canonical column to the variant used here; else the usual header.
    units : dict
        Money column to its unit in this file: 万元.
    dates : str
        ``iso``, ``slash``, ``dots``, ``chinese``, ``compact`` or ``serial``.
    footer : str or None
        Last row.
    total : str or None
        Column that a 合计 row adds up.
    band : dict
        Columns grouped under an upper header: canonical column to its band.
    merge : str or None
        Column whose equal neighbours are merged vertically.
    numbered : bool
        With a 序号 column in front.
    """

    table: str
    folder: str
    name: str
    kind: str = "xlsx"
    split: str | None = None
    title: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    dates: str = "iso"
    footer: str | None = None
    total: str | None = None
    band: dict[str, str] = field(default_factory=dict)
    merge: str | None = None
    numbered: bool = False


TYPICAL: tuple[Delivery, ...] = (
    Delivery("people", "公安局", "人口基本信息", "gbk", dates="compact",
             headers={"id_number": "公民身份号码", "address": "家庭住址", "village": "村(社区)", "township": "乡镇(街道)"}),
    Delivery("households", "公安局", "户籍底册_{}", "xlsx", "township", "{}户籍登记底册", dates="chinese",
             headers={"id_number": "身份证号码", "village": "村居"}, merge="household_no"),
    Delivery("kinship", "组织部", "近亲属申报汇总", "xlsx", None, "领导干部和村干部近亲属申报汇总表（2022年）",
             headers={"name": "报告人", "relation": "与本人关系", "relative_name": "家属姓名",
                      "relative_id_number": "家属身份证号", "relative_phone": "亲属联系电话"},
             dates="chinese", footer="填报单位：青澜县委组织部    制表人：王某", numbered=True),
    Delivery("officials", "组织部", "公职人员及村干部名册", "xlsx", None, "青澜县公职人员、村“两委”干部名册",
             headers={"organization": "任职单位", "start_date": "任职日期", "end_date": "离任日期"},
             dates="dots", numbered=True),
    Delivery("companies", "市场监督管理局", "企业登记信息", "utf8", dates="iso",
             units={"registered_capital": "万元"}, headers={"address": "注册地址", "status": "经营状态"}),
    Delivery("shareholders", "市场监督管理局", "股东出资信息", "utf16", dates="iso",
             units={"contribution": "万元"}, headers={"shareholder_id": "证件号码", "share_percent": "出资比例"}),
    Delivery("company_officers", "市场监督管理局", "企业主要人员", "gbk", headers={"name": "人员姓名", "role": "职位"}),
    Delivery("tenders", "公共资源交易中心", "招标项目台账{}年", "xlsx", "open_date", "{}年度进场交易项目台账",
             headers={"ceiling_price": "招标控制价", "winner": "中标单位", "award_amount": "中标价", "purchaser": "采购人"},
             units={"ceiling_price": "万元", "award_amount": "万元"}, dates="iso", total="award_amount", numbered=True),
    Delivery("bids", "公共资源交易中心", "投标记录{}年", "xlsx", "submit_time", None,
             headers={"bidder": "投标单位", "amount": "投标报价", "submit_time": "上传时间"}, dates="iso",
             band={"ip_address": "上传设备", "mac_address": "上传设备", "cpu_id": "上传设备", "disk_id": "上传设备",
                   "deposit_account": "保证金", "deposit_payer": "保证金", "deposit_form": "保证金"}),
    Delivery("expert_scores", "公共资源交易中心", "评标打分表", "xlsx", None, "评标委员会打分汇总",
             headers={"expert": "专家姓名", "score": "评分"}, merge="tender_no"),
    Delivery("contracts", "财政局", "合同备案", "xlsx", None, "政府采购及工程合同备案表",
             headers={"party_a": "发包人", "party_b": "承包人", "title": "合同名称"},
             units={"amount": "万元", "final_amount": "万元"}, dates="serial", total="amount", footer="制表：财政局采购股"),
    Delivery("payments", "财政局", "国库支付明细{}", "gbk", "pay_date", dates="slash",
             headers={"payer": "付款单位", "payee": "收款单位", "purpose": "用途"}),
    Delivery("payroll", "财政局", "财政供养人员名单", "xls", headers={"unit": "发放单位"}, dates="iso"),
    Delivery("subsidy_programmes", "财政局", "惠农补贴政策清单", "xlsx", None, "惠民惠农补贴项目政策清单"),
    Delivery("subsidies", "财政局/一卡通", "一卡通发放明细_{}", "gbk", "township",
             headers={"name": "领取人", "account": "一卡通账号", "amount": "应发金额", "credited_amount": "实发金额",
                      "quantity": "补贴面积", "year": "发放年度"}, dates="slash"),
    Delivery("subsidy_applications", "民政局", "救助对象公示名单{}年", "xlsx", "year", "{}年社会救助对象公示名单",
             dates="chinese", headers={"result": "评议结果"}, numbered=True),
    Delivery("kin_filings", "民政局", "近亲属备案登记", "xlsx", None, "社会救助经办人员和村干部近亲属备案登记表",
             dates="dots", footer="填报人：李某    审核人：张某", numbered=True),
    Delivery("deaths", "卫生健康局", "死亡医学证明登记", "bom", headers={"name": "死者姓名", "death_date": "死亡时间"}, dates="slash"),
    Delivery("assets", "公安局", "车辆房产农机登记", "gbk", headers={"name": "所有人"}, dates="compact"),
    Delivery("land_parcels", "农业农村局", "承包地确权登记", "gbk", headers={"name": "承包方代表"}),
    Delivery("land_transfers", "农业农村局", "土地流转台账", "xlsx", None, "农村土地经营权流转台账", dates="chinese"),
    Delivery("village_projects", "农业农村局", "村级自主实施项目", "xlsx", None, "村级自主实施项目清单",
             units={"budget": "万元", "settled": "万元"}, dates="chinese", merge="township"),
    Delivery("resolutions", "农业农村局", "四议两公开记录", "xlsx", dates="chinese"),
    Delivery("leases", "农业农村局", "集体资源发包台账", "xlsx", None, "农村集体资源发包台账",
             headers={"start_date": "承包起", "end_date": "承包止", "annual_rent": "年承包费"}, dates="dots", numbered=True),
    Delivery("collective_assets", "农业农村局", "集体资产清单", "xlsx", None, None, units={"book_value": "万元"}),
    Delivery("unit_registrations", "财政局", "平台用户登记", "utf8"),
    Delivery("vouchers", "财政局", "公务接待凭证", "gbk", headers={"business_date": "发生日期"}, dates="iso"),
    Delivery("card_swipes", "财政局", "公务卡消费明细", "utf8", dates="iso"),
    Delivery("gang_members", "公安局", "涉黑涉恶人员名单", "xlsx", dates="chinese"),
    Delivery("cases", "公安局", "案件办理台账", "xlsx", None, "案件办理情况台账", headers={"suspect": "当事人"}, dates="chinese"),
    Delivery("complaints", "信访局", "信访举报台账", "xlsx", None, "信访举报件办理台账", dates="chinese", numbered=True),
    Delivery("inspectors", "巡察办", "巡察人员库", "xlsx"),
    Delivery("inspection_targets", "巡察办", "本轮被巡察单位", "xlsx"),
    Delivery("bank_flows", "监委", "依法调取的资金流水", "xlsx", None, "依法调取的银行账户流水", dates="iso",
             footer="仅限办案使用", numbered=True),
)  # fmt: skip

PLAIN: tuple[Delivery, ...] = tuple(
    Delivery(
        delivery.table,
        delivery.folder.split("/")[0],
        delivery.name.replace("_{}", "").replace("{}年", "").replace("{}", ""),
        "utf8",
    )
    for delivery in TYPICAL
)
