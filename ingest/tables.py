"""The input tables: what departments hand over, one declaration a table. THE place to add one.

A sheet is recognised as one of these by its headers (``ingest.recognise``). Headers are compared
after removing spaces, width differences, line breaks and bracketed units; the canonical column name
is accepted as well. The first header of a column is the one that templates use.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from ingest.values import normalise_header

ColumnType = Literal[
    "text", "id", "uscc", "id_or_uscc", "money", "date", "datetime", "yes_no", "number"
]
Mask = Literal["id", "phone", "account"]
SQL_TYPES: dict[ColumnType, str] = {
    "text": "VARCHAR",
    "id": "VARCHAR",
    "uscc": "VARCHAR",
    "id_or_uscc": "VARCHAR",
    "money": "DECIMAL(18,2)",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "yes_no": "BOOLEAN",
    "number": "DOUBLE",
}
TYPE_NAMES: dict[ColumnType, str] = {
    "text": "文本",
    "id": "身份证号",
    "uscc": "统一社会信用代码",
    "id_or_uscc": "证件号",
    "money": "金额（元）",
    "date": "日期",
    "datetime": "日期时间",
    "yes_no": "是/否",
    "number": "数字",
}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Canonical name, also accepted as a header.
    headers : tuple of str
        Chinese headers as departments write them, the template's first.
    type : ColumnType
        How cells are read.
    required : bool
        A row whose cell is empty or unreadable means nothing and goes to quarantine.
    mask : Mask or None
        How the value is masked when it leaves.
    month_as : {"first", "last"}
        The day a date without one stands for: ends and deaths are read in the person's favour.
    note : str
        What the template says of it.
    """

    name: str
    headers: tuple[str, ...]
    type: ColumnType = "text"
    required: bool = False
    mask: Mask | None = None
    month_as: Literal["first", "last"] = "first"
    note: str = ""


@dataclass(frozen=True)
class Table:
    """One input table.

    ``keep_repeats``: identical rows within one file are kept and marked, since paying twice may be
    the very thing looked for. ``known_columns_only``: nothing of an unlisted column is stored.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    keep_repeats: bool = False
    known_columns_only: bool = False
    note: str = ""

    def column(self, name: str) -> Column:
        """The column of a canonical name.

        Raises
        ------
        KeyError
            When the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def by_header(self) -> dict[str, Column]:
        """Normalised header → column, canonical names included."""
        found: dict[str, Column] = {}
        for column in self.columns:
            for header in (*column.headers, column.name):
                found.setdefault(normalise_header(header)[0], column)
        return found


def _column(
    name: str,
    headers: str,
    type_: ColumnType = "text",
    *,
    required: bool = False,
    mask: Mask | None = None,
    month_as: Literal["first", "last"] = "first",
    note: str = "",
) -> Column:
    if type_ in ("id", "id_or_uscc"):
        mask = "id"
    return Column(name, tuple(headers.split("/")), type_, required, mask, month_as, note)


_ALL = (
    Table(
        "people",
        "人员信息",
        (
            _column("name", "姓名", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("gender", "性别"),
            _column("birth_date", "出生日期/出生年月", "date"),
            _column("phone", "联系电话/手机号/手机号码/电话", mask="phone"),
            _column("address", "住址/家庭住址/地址"),
            _column("village", "村/村居/村(社区)/所在村"),
            _column("township", "乡镇/镇街/乡镇(街道)"),
        ),
    ),
    Table(
        "households",
        "户籍",
        (
            _column("household_no", "户号/户编号", required=True),
            _column("name", "姓名", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("relation_to_head", "与户主关系", required=True),
            _column("household_type", "户类型"),
            _column("registered_date", "迁入日期/登记日期", "date"),
            _column("move_reason", "迁入原因"),
            _column("village", "村/村居/村(社区)/所在村"),
            _column("township", "乡镇/镇街/乡镇(街道)"),
            _column("address", "住址/家庭住址/地址"),
        ),
    ),
    Table(
        "kinship",
        "亲属关系",
        (
            _column("name", "姓名/报告人/干部姓名", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("relation", "称谓/与本人关系/关系", required=True),
            _column("relative_name", "亲属姓名/家属姓名", required=True),
            _column("relative_id_number", "亲属身份证号/家属身份证号", "id"),
            _column("relative_employer", "亲属工作单位/工作单位"),
            _column("relative_position", "亲属职务"),
            _column("relative_phone", "亲属电话/亲属联系电话", mask="phone"),
            _column("relative_birth_date", "亲属出生日期", "date"),
            _column("start_date", "结婚日期", "date"),
            _column("end_date", "离婚日期/关系终止日期", "date", month_as="last"),
            _column("form", "申报表类型"),
            _column("filed_on", "填报日期", "date"),
        ),
        note="廉政档案、近亲属申报、村干部亲属台账、个人有关事项报告",
    ),
    Table(
        "officials",
        "公职人员",
        (
            _column("name", "姓名", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("organization", "单位/工作单位/任职单位", required=True),
            _column("position", "职务"),
            _column("rank", "职级/级别"),
            _column("identity_type", "人员身份", note="公务员/参公/事业/国企/村两委"),
            _column("political_status", "政治面貌"),
            _column("authority", "管理权限/干部管理权限"),
            _column("duties", "分管工作/分管领域"),
            _column("start_date", "任职时间/任职日期/任职起始", "date"),
            _column("end_date", "离任时间/离任日期/任职截止", "date", month_as="last"),
            _column("phone", "联系电话/手机号/手机号码/电话", mask="phone"),
            _column("township", "乡镇/镇街/乡镇(街道)"),
            _column("village", "村/村居/村(社区)/所在村"),
        ),
        note="含村干部",
    ),
    Table(
        "companies",
        "工商登记",
        (
            _column("name", "企业名称/公司名称/单位名称/市场主体名称", required=True),
            _column("uscc", "统一社会信用代码/社会信用代码", "uscc"),
            _column("legal_representative", "法定代表人/法人代表/负责人"),
            _column("legal_representative_id", "法定代表人身份证号/法人身份证号", "id"),
            _column("registered_capital", "注册资本", "money"),
            _column("established_date", "成立日期/注册日期", "date"),
            _column("cancelled_date", "注销日期", "date", month_as="last"),
            _column("status", "登记状态/经营状态"),
            _column("company_type", "市场主体类型/企业类型"),
            _column("address", "住所/注册地址/地址"),
            _column("phone", "联系电话", mask="phone"),
            _column("email", "电子邮箱/邮箱"),
            _column("industry", "行业/所属行业"),
        ),
    ),
    Table(
        "shareholders",
        "股东出资",
        (
            _column("company", "企业名称/公司名称", required=True),
            _column("uscc", "统一社会信用代码/社会信用代码", "uscc"),
            _column("shareholder", "股东名称/股东姓名/股东", required=True),
            _column("shareholder_id", "股东证件号/证件号码/身份证号", "id_or_uscc"),
            _column("share_percent", "持股比例/出资比例", "number"),
            _column("contribution", "认缴出资额/出资额", "money"),
            _column("start_date", "入股日期/认缴日期", "date"),
            _column("end_date", "退出日期", "date", month_as="last"),
        ),
    ),
    Table(
        "company_officers",
        "主要人员",
        (
            _column("company", "企业名称/公司名称", required=True),
            _column("uscc", "统一社会信用代码/社会信用代码", "uscc"),
            _column("name", "姓名/人员姓名", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("role", "职务/职位", required=True),
            _column("start_date", "任职日期", "date"),
            _column("end_date", "离任日期", "date", month_as="last"),
        ),
    ),
    Table(
        "tenders",
        "招标项目",
        (
            _column("tender_no", "项目编号/招标编号/采购编号", required=True),
            _column("lot", "标段/标段号/包号"),
            _column("title", "项目名称/标段名称"),
            _column("purchaser", "招标人/采购人/采购单位/建设单位", required=True),
            _column("method", "招标方式/采购方式"),
            _column("category", "项目类别/类别"),
            _column("ceiling_price", "最高限价/控制价/招标控制价/预算金额", "money"),
            _column("floor_price", "最低限价/最低投标限价", "money"),
            _column("publish_date", "公告日期/发布日期", "date"),
            _column("deadline", "投标截止时间", "datetime"),
            _column("open_date", "开标日期/开标时间", "date"),
            _column("agency", "代理机构/招标代理"),
            _column("winner", "中标人/中标单位/成交供应商"),
            _column("award_amount", "中标金额/中标价/成交金额", "money"),
            _column("platform", "交易平台"),
            _column("control_price_dongle", "控制价锁号"),
            _column("retender", "是否重新招标", "yes_no"),
            _column("township", "乡镇/镇街/乡镇(街道)"),
            _column("village", "村/村居/村(社区)/所在村"),
        ),
        note="采购",
    ),
    Table(
        "bids",
        "投标记录",
        (
            _column("tender_no", "项目编号/招标编号/采购编号", required=True),
            _column("lot", "标段/标段号/包号"),
            _column("bidder", "投标人/投标单位/供应商名称", required=True),
            _column("uscc", "统一社会信用代码/社会信用代码", "uscc"),
            _column("amount", "投标报价/报价", "money"),
            _column("is_winner", "是否中标", "yes_no"),
            _column("rank", "排名/名次", "number"),
            _column("disqualified", "是否废标/是否否决", "yes_no"),
            _column("submit_time", "上传时间/递交时间", "datetime"),
            _column("ip_address", "IP地址/投标IP"),
            _column("mac_address", "MAC地址/网卡MAC"),
            _column("cpu_id", "CPU序列号"),
            _column("disk_id", "硬盘序列号"),
            _column("dongle_no", "加密锁号/计价软件锁号"),
            _column("contact", "联系人/委托代理人"),
            _column("contact_phone", "联系人电话/联系电话", mask="phone"),
            _column("manager", "项目经理/项目负责人"),
            _column("manager_id", "项目经理身份证号", "id"),
            _column("deposit_account", "保证金账号/保证金转出账号", mask="account"),
            _column("deposit_payer", "保证金付款人/保证金汇款人"),
            _column("deposit_form", "保证金形式", note="转账/保函/保险"),
            _column("file_author", "文件编制人/文件作者"),
        ),
    ),
    Table(
        "expert_scores",
        "评标打分",
        (
            _column("tender_no", "项目编号/招标编号/采购编号", required=True),
            _column("lot", "标段/标段号/包号"),
            _column("expert", "评委/专家姓名", required=True),
            _column("expert_id", "专家身份证号", "id"),
            _column("bidder", "投标人", required=True),
            _column("score", "得分/评分", "number", required=True),
        ),
    ),
    Table(
        "contracts",
        "合同",
        (
            _column("contract_no", "合同编号"),
            _column("tender_no", "项目编号/招标编号/采购编号"),
            _column("title", "合同名称/项目名称"),
            _column("party_a", "甲方/发包人", required=True),
            _column("party_b", "乙方/承包人/供应商", required=True),
            _column("party_b_uscc", "乙方统一社会信用代码", "uscc"),
            _column("amount", "合同金额", "money", required=True),
            _column("final_amount", "结算金额/决算金额", "money"),
            _column("sign_date", "签订日期", "date"),
            _column("village", "村/村居/村(社区)/所在村"),
            _column("township", "乡镇/镇街/乡镇(街道)"),
        ),
    ),
    Table(
        "payments",
        "资金支付",
        (
            _column("voucher_no", "凭证号"),
            _column("payer", "付款单位/付款人", required=True),
            _column("payee", "收款人/收款单位", required=True),
            _column("payee_id", "收款人证件号", "id_or_uscc"),
            _column("payee_account", "收款账号", mask="account"),
            _column("amount", "金额/支付金额", "money", required=True),
            _column("pay_date", "支付日期/付款日期", "date", required=True),
            _column("purpose", "摘要/用途"),
            _column("contract_no", "合同编号"),
            _column("handler", "经办人"),
            _column("approver", "审批人"),
        ),
        keep_repeats=True,
        note="只收财政和公共资金",
    ),
    Table(
        "bank_flows",
        "依法调取的资金流水",
        (
            _column("authority_doc", "查询依据/批准文号", required=True),
            _column("payer", "付款人", required=True),
            _column("payer_id", "付款人证件号", "id_or_uscc"),
            _column("payer_account", "付款账号", mask="account"),
            _column("payee", "收款人", required=True),
            _column("payee_id", "收款人证件号", "id_or_uscc"),
            _column("payee_account", "收款账号", mask="account"),
            _column("amount", "金额", "money", required=True),
            _column("flow_date", "交易日期", "date", required=True),
            _column("purpose", "摘要"),
        ),
        keep_repeats=True,
    ),
    Table(
        "subsidy_applications",
        "申报、评议、公示名单",
        (
            _column("programme", "补贴项目", required=True),
            _column("year", "年度"),
            _column("name", "姓名", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("household_no", "户号/户编号"),
            _column("village", "村/村居/村(社区)/所在村"),
            _column("township", "乡镇/镇街/乡镇(街道)"),
            _column("result", "审核结果/评议结果"),
            _column("list_date", "公示日期", "date"),
            _column("handler", "经办人"),
            _column("approver", "审批人"),
        ),
    ),
    Table(
        "subsidies",
        "补贴发放",
        (
            _column("programme", "补贴项目/项目名称/补贴名称", required=True),
            _column("year", "年度/发放年度"),
            _column("name", "姓名/户主姓名/领取人", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("account", "银行账号/一卡通账号/社保卡账号/卡号", mask="account"),
            _column("amount", "补贴金额/发放金额/应发金额", "money", required=True),
            _column("credited_amount", "到账金额/实发金额", "money"),
            _column("quantity", "补贴面积/面积(亩)/数量", "number"),
            _column("standard", "补贴标准", "money"),
            _column("pay_date", "发放日期/发放时间", "date"),
            _column("period_start", "所属期起", "date"),
            _column("period_end", "所属期止", "date", month_as="last"),
            _column("serial_no", "机具编号/出厂编号"),
            _column("household_no", "户号/户编号"),
            _column("village", "村/村居/村(社区)/所在村"),
            _column("township", "乡镇/镇街/乡镇(街道)"),
            _column("handler", "经办人"),
            _column("approver", "审批人/审核人"),
        ),
        keep_repeats=True,
        note="一卡通",
    ),
    Table(
        "subsidy_programmes",
        "补贴政策",
        (
            _column("programme", "补贴项目", required=True),
            _column("standard", "补贴标准", "money"),
            _column("unit", "计量单位"),
            _column("kind", "类别", note="普惠/需审核"),
            _column("payee_unit", "发放对象", note="人/户"),
            _column("filing_required", "是否需近亲属备案", "yes_no"),
            _column("policy_doc", "政策依据/文号"),
            _column(
                "excluded_statuses",
                "不得享受情形",
                note="以顿号分隔：财政供养、村干部、企业股东、购车、购房、死亡",
            ),
            _column("exclusive_with", "互斥项目", note="以顿号分隔"),
        ),
    ),
    Table(
        "kin_filings",
        "近亲属备案",
        (
            _column("official_name", "干部姓名/备案人", required=True),
            _column("official_id", "干部身份证号", "id"),
            _column("relative_name", "亲属姓名", required=True),
            _column("relative_id", "亲属身份证号", "id"),
            _column("relation", "与干部关系"),
            _column("programme", "补贴项目"),
            _column("filing_date", "备案日期", "date"),
        ),
    ),
    Table(
        "deaths",
        "死亡登记",
        (
            _column("name", "姓名/死者姓名", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("death_date", "死亡日期/死亡时间", "date", required=True, month_as="last"),
        ),
    ),
    Table(
        "payroll",
        "财政供养人员",
        (
            _column("name", "姓名", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("unit", "单位/发放单位", required=True),
            _column("start_date", "起薪日期", "date"),
            _column("end_date", "停薪日期", "date", month_as="last"),
        ),
    ),
    Table(
        "assets",
        "财产登记",
        (
            _column("name", "姓名/所有人", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("asset_type", "财产类型", required=True, note="车辆/房产/农机/工商"),
            _column("description", "名称/型号/坐落"),
            _column("serial_no", "编号/车架号/出厂编号"),
            _column("value", "价值/购置价", "money"),
            _column("acquired_date", "登记日期/购置日期", "date"),
            _column("disposed_date", "转出日期", "date", month_as="last"),
        ),
    ),
    Table(
        "land_parcels",
        "承包地确权登记",
        (
            _column("name", "承包方/承包方代表/姓名", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("household_no", "户号/户编号"),
            _column("area", "确权面积", "number", required=True),
            _column("area_basis", "面积口径", note="确权/二轮/计税/实种"),
            _column("village", "村/村居/村(社区)/所在村"),
            _column("township", "乡镇/镇街/乡镇(街道)"),
        ),
        note="承包方是户",
    ),
    Table(
        "land_transfers",
        "土地流转",
        (
            _column("name", "转出方", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("transferee", "转入方/受让方", required=True),
            _column("transferee_id", "转入方证件号/受让方证件号", "id_or_uscc"),
            _column("area", "流转面积", "number", required=True),
            _column("start_date", "起始日期/流转起", "date"),
            _column("end_date", "截止日期/流转止", "date", month_as="last"),
            _column("village", "村/村居/村(社区)/所在村"),
        ),
    ),
    Table(
        "village_projects",
        "村级自主实施项目",
        (
            _column("village", "村/村居/村(社区)/所在村", required=True),
            _column("project", "项目名称", required=True),
            _column("method", "实施方式"),
            _column("budget", "预算金额", "money"),
            _column("settled", "结算金额", "money"),
            _column("contractor", "承建人/施工方", required=True),
            _column("contractor_id", "承建人证件号", "id_or_uscc"),
            _column("tender_no", "项目编号/招标编号/采购编号"),
            _column("decision_date", "民主决策日期", "date"),
            _column("start_date", "开工日期", "date"),
            _column("township", "乡镇/镇街/乡镇(街道)"),
        ),
    ),
    Table(
        "resolutions",
        "民主决策",
        (
            _column("village", "村/单位/村居/村(社区)/所在村", required=True),
            _column("matter", "事项", required=True),
            _column("meeting_date", "会议日期", "date", required=True),
            _column("due", "应到人数", "number"),
            _column("present", "实到人数", "number"),
            _column("signatories", "签到人/表决人", note="以顿号分隔"),
            _column("recused", "回避人"),
            _column("township", "乡镇/镇街/乡镇(街道)"),
        ),
        note="四议两公开",
    ),
    Table(
        "leases",
        "资源发包",
        (
            _column("village", "村/发包方/村居/村(社区)/所在村", required=True),
            _column("lessor", "发包单位", note="经济合作社、村民小组"),
            _column("resource_name", "资源名称/标的名称", required=True),
            _column("resource_type", "资源类型"),
            _column("area", "面积", "number"),
            _column("lessee", "承包人/承租人", required=True),
            _column("lessee_id", "承包人证件号/身份证号", "id_or_uscc"),
            _column("annual_rent", "年租金/年承包费", "money"),
            _column("start_date", "起始日期/承包起", "date"),
            _column("end_date", "截止日期/承包止", "date", month_as="last"),
            _column("method", "发包方式"),
            _column("resolution", "民主决策/是否民主决策", "yes_no"),
            _column("written_contract", "书面合同/是否签订合同", "yes_no"),
            _column("paid_amount", "已缴金额/已收租金", "money"),
            _column("due_amount", "应缴金额/应收租金", "money"),
            _column("township", "乡镇/镇街/乡镇(街道)"),
        ),
        note="家庭承包除外",
    ),
    Table(
        "collective_assets",
        "集体资产",
        (
            _column("village", "村/单位/村居/村(社区)/所在村", required=True),
            _column("asset_name", "资产名称", required=True),
            _column("book_value", "账面价值/原值", "money"),
            _column("status", "状态"),
            _column("disposal_price", "处置价格", "money"),
            _column("disposal_date", "处置日期", "date"),
            _column("acquirer", "受让人/购买人"),
            _column("acquirer_id", "受让人证件号", "id_or_uscc"),
            _column("resolution", "民主决策", "yes_no"),
            _column("township", "乡镇/镇街/乡镇(街道)"),
        ),
    ),
    Table(
        "unit_registrations",
        "平台用户",
        (
            _column("system", "平台/系统", required=True, note="财务记账、财政收付"),
            _column("unit", "单位/单位名称", required=True),
            _column("account_no", "账号/账户", mask="account"),
            _column("registered_date", "开通日期", "date"),
        ),
    ),
    Table(
        "vouchers",
        "记账凭证",
        (
            _column("unit", "单位", required=True),
            _column("voucher_no", "凭证号", required=True),
            _column("entry_date", "记账日期", "date"),
            _column("business_date", "业务日期/发生日期", "date"),
            _column("subject", "科目/会计科目"),
            _column("amount", "金额", "money", required=True),
            _column("summary", "摘要"),
            _column("payee", "收款人/对方单位"),
            _column("invoice_no", "发票号码"),
            _column("has_invitation", "公函/是否有公函", "yes_no"),
            _column("has_list", "清单/是否有清单", "yes_no"),
            _column("guests", "来宾人数/公务人数", "number"),
            _column("companions", "陪餐人数/陪同人数", "number"),
            _column("reception_kind", "接待类别", note="公务/商务/外事"),
            _column("attachments", "附件张数", "number"),
            _column("handler", "经办人"),
        ),
        keep_repeats=True,
    ),
    Table(
        "card_swipes",
        "公务卡刷卡",
        (
            _column("unit", "单位", required=True),
            _column("card_no", "卡号", mask="account"),
            _column("holder", "持卡人", required=True),
            _column("amount", "金额", "money", required=True),
            _column("swipe_time", "刷卡时间/交易时间", "datetime", required=True),
            _column("merchant", "商户/商户名称"),
        ),
        keep_repeats=True,
    ),
    Table(
        "gang_members",
        "涉黑涉恶人员",
        (
            _column("gang", "团伙名称/组织名称", required=True),
            _column("case_no", "案件编号"),
            _column("name", "姓名", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("role", "地位作用/角色"),
            _column("since", "加入时间", "date"),
            _column("trade", "涉及行业"),
            _column("area", "活动区域"),
            _column("case_stage", "诉讼阶段"),
            _column("judgment_date", "判决生效日期", "date"),
        ),
    ),
    Table(
        "cases",
        "案件办理",
        (
            _column("case_no", "案件编号/案号", required=True),
            _column("suspect", "嫌疑人/当事人/涉案人", required=True),
            _column("suspect_id", "嫌疑人身份证号/当事人身份证号", "id"),
            _column("offence", "罪名/案由"),
            _column("severity", "情节/严重程度"),
            _column("unit", "办理单位/承办单位"),
            _column("handler", "承办人/主办人"),
            _column("handler_id", "承办人身份证号", "id"),
            _column("approver", "审批人"),
            _column("approver_id", "审批人身份证号", "id"),
            _column("accept_date", "受理日期", "date"),
            _column("filing_date", "立案日期", "date"),
            _column("disposition", "处理结果/处理决定"),
            _column("disposition_date", "处理日期", "date"),
            _column("mitigating", "从宽情节", note="认罪认罚/自首/和解/未成年"),
        ),
    ),
    Table(
        "complaints",
        "信访举报",
        (
            _column("complaint_no", "编号/信访编号", required=True),
            _column("subject", "被反映人/被举报人", required=True),
            _column("subject_id", "被反映人身份证号", "id"),
            _column("topic", "问题类别/反映问题"),
            _column("received_date", "受理日期/收到日期", "date"),
            _column("unit", "承办单位"),
            _column("handler", "承办人"),
            _column("handler_id", "承办人身份证号", "id"),
            _column("outcome", "办理结果"),
            _column("closed_date", "办结日期", "date"),
            _column("is_repeat", "是否重复件", "yes_no"),
            _column("is_joint", "是否联名", "yes_no"),
            _column("clarified", "是否澄清正名", "yes_no"),
        ),
        known_columns_only=True,
        note="只收被反映人，不收举报人",
    ),
    Table(
        "inspectors",
        "巡察人员库",
        (
            _column("name", "姓名", required=True),
            _column("id_number", "身份证号/身份证号码/公民身份号码/证件号码", "id"),
            _column("unit", "现单位/工作单位"),
            _column("hometown", "籍贯"),
            _column("former_units", "曾任职单位", note="以分号分隔"),
            _column("phone", "联系电话/手机号/手机号码/电话", mask="phone"),
        ),
    ),
    Table(
        "inspection_targets",
        "被巡察单位",
        (
            _column("unit", "被巡察单位", required=True),
            _column("township", "乡镇/镇街/乡镇(街道)"),
            _column("village", "村/村居/村(社区)/所在村"),
        ),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}


def distinctive_headers() -> frozenset[str]:
    """Normalised headers that only one table knows; they decide between tables that tie."""
    counts = Counter(header for table in _ALL for header in table.by_header())
    return frozenset(header for header, n in counts.items() if n == 1)
