"""The table contracts: what departments hand over, by which headers it is known, in which types.

THE place to add a table: one ``Table(...)`` at the end of `_ALL`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.masking import MaskKind
from ingest.values import MonthAs, normalise_header

ColumnType = Literal[
    "text", "id", "uscc", "party_id", "money", "number", "date", "date-time", "yes/no"
]
# First cell of a sheet of notes in a template: such a sheet is passed over without a word.
NOTES_MARK = "填写说明（本页不会读取）"
# What people read for a type, in reports and templates.
TYPE_NAMES: dict[str, str] = {
    "text": "文本",
    "id": "居民身份证号",
    "uscc": "统一社会信用代码",
    "party_id": "身份证号或统一社会信用代码",
    "money": "金额（元）",
    "number": "数字",
    "date": "日期",
    "date-time": "日期和时间",
    "yes/no": "是/否",
}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Canonical name, accepted as a header too.
    headers : tuple of str
        Chinese headers; the first is the one that templates use.
    type : ColumnType
        ``party_id`` holds the identity number of a person or the code of a firm.
    required : bool
        A row whose cell here is empty or unreadable goes to quarantine.
    header_optional : bool
        A required column whose header may be missing: the table is recognised all the same, and
        every row of it goes to quarantine.
    mask : {'id', 'phone', 'account'} or None
        How the cells are masked where they leave the store.
    month_as : {'first', 'last'}
        Day that a month or year without day stands for. Ends, deaths and removals are read as the
        last day, in favour of the persons concerned.
    """

    name: str
    headers: tuple[str, ...]
    type: ColumnType = "text"
    required: bool = False
    header_optional: bool = False
    mask: MaskKind | None = None
    month_as: MonthAs = "first"


@dataclass(frozen=True)
class Table:
    """One kind of table.

    Parameters
    ----------
    name, title : str
        Canonical and Chinese name.
    columns : tuple of Column
        In the order in which the typed table has them.
    distinctive : tuple of str
        Canonical columns that decide between tables explaining equally many headers.
    needs_one_of : tuple of str
        Headers of which at least one must be there, where the required columns alone say too little.
    keep_repeats : bool
        Identical rows of one file are all kept and marked ``repeat_of``; else they are merged.
    known_columns_only : bool
        Columns not listed are not even stored.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    distinctive: tuple[str, ...] = ()
    needs_one_of: tuple[str, ...] = ()
    keep_repeats: bool = False
    known_columns_only: bool = False

    def column(self, name: str) -> Column:
        """Return the column of a canonical name.

        Examples
        --------
        >>> TABLES["deaths"].column("death_date").month_as
        'last'
        """
        return next(column for column in self.columns if column.name == name)

    @property
    def required(self) -> tuple[Column, ...]:
        """Return the columns without which a row means nothing."""
        return tuple(column for column in self.columns if column.required)


def header_keys(column: Column) -> tuple[str, ...]:
    """Return the headers of a column as they are compared, the canonical name last.

    Examples
    --------
    >>> header_keys(Column("area", ("面积（亩）",)))
    ('面积', 'area')
    """
    return (*(normalise_header(h)[0].lower() for h in column.headers), column.name)


def _col(
    name: str, headers: str, kind: ColumnType = "text", mask: MaskKind | None = None
) -> Column:
    """A column; a star behind the name makes it required."""
    if mask is None and kind in ("id", "party_id"):
        mask = "id"
    bare = name.rstrip("*")
    last = kind == "date" and bare in _LAST_DAY
    return Column(
        bare,
        tuple(headers.split()),
        kind,
        required=name.endswith("*"),
        mask=mask,
        month_as="last" if last else "first",
    )


_LAST_DAY = frozenset(
    {"end_date", "death_date", "cancelled_date", "disposed_date", "closed_date", "period_end"}
)

_ID_HEADERS = "身份证号 身份证号码 公民身份号码 证件号码"
_PHONE_HEADERS = "联系电话 手机号 手机号码 电话"
_ID = _col("id_number", _ID_HEADERS, "id")
_USCC = _col("uscc", "统一社会信用代码 社会信用代码", "uscc")
_VILLAGE = _col("village", "村 村居 村(社区) 所在村")
_TOWNSHIP = _col("township", "乡镇 镇街 乡镇(街道)")
_PHONE = _col("phone", _PHONE_HEADERS, mask="phone")
_HOUSEHOLD = _col("household_no", "户号 户编号")
_COMPANY = _col("company*", "企业名称 公司名称")
_TENDER_NO = "项目编号 招标编号 采购编号"
_LOT = _col("lot", "标段 标段号 包号")
_HANDLER = _col("handler", "经办人")
_APPROVER = _col("approver", "审批人")


def _columns(*columns: Column) -> tuple[Column, ...]:
    return columns


_ALL: Sequence[Table] = (
    Table(
        "people",
        "人员信息",
        _columns(
            _col("name*", "姓名"),
            _ID,
            _col("gender", "性别"),
            _col("birth_date", "出生日期 出生年月", "date"),
            _PHONE,
            _col("address", "住址 家庭住址 地址"),
            _VILLAGE,
            _TOWNSHIP,
        ),
    ),
    Table(
        "households",
        "户籍",
        _columns(
            _col("household_no*", "户号 户编号"),
            _col("name*", "姓名"),
            _ID,
            _col("relation_to_head*", "与户主关系"),
            _col("household_type", "户类型"),
            _col("registered_date", "迁入日期 登记日期", "date"),
            _col("move_reason", "迁入原因"),
            _VILLAGE,
            _TOWNSHIP,
            _col("address", "住址 家庭住址 地址"),
        ),
        distinctive=("relation_to_head", "household_type"),
    ),
    Table(
        "kinship",
        "亲属关系",
        _columns(
            _col("name*", "姓名 报告人 干部姓名"),
            _col("id_number", f"{_ID_HEADERS} 干部身份证号 本人身份证号", "id"),
            _col("relation*", "称谓 与本人关系 关系"),
            _col("relative_name*", "亲属姓名 家属姓名"),
            _col("relative_id_number", "亲属身份证号 家属身份证号 亲属身份证号码", "id"),
            _col("relative_employer", "亲属工作单位 工作单位"),
            _col("relative_position", "亲属职务"),
            _col("relative_phone", "亲属电话 亲属联系电话", mask="phone"),
            _col("relative_birth_date", "亲属出生日期", "date"),
            _col("start_date", "结婚日期", "date"),
            _col("end_date", "离婚日期 关系终止日期", "date"),
            _col("form", "申报表类型"),
            _col("filed_on", "填报日期", "date"),
        ),
        distinctive=("relation", "relative_name", "form"),
    ),
    Table(
        "officials",
        "公职人员",
        _columns(
            _col("name*", "姓名"),
            _ID,
            _col("organization*", "单位 工作单位 任职单位"),
            _col("position", "职务"),
            _col("rank", "职级 级别"),
            _col("identity_type", "人员身份"),
            _col("political_status", "政治面貌"),
            _col("authority", "管理权限 干部管理权限"),
            _col("duties", "分管工作 分管领域"),
            _col("start_date", "任职时间 任职日期 任职起始", "date"),
            _col("end_date", "离任时间 离任日期 任职截止", "date"),
            _PHONE,
            _TOWNSHIP,
            _VILLAGE,
        ),
        distinctive=("rank", "identity_type", "authority", "duties"),
    ),
    Table(
        "companies",
        "工商登记",
        _columns(
            _col("name*", "企业名称 公司名称 单位名称 市场主体名称"),
            _USCC,
            _col("legal_representative", "法定代表人 法人代表 负责人"),
            _col("legal_representative_id", "法定代表人身份证号 法人身份证号", "id"),
            _col("registered_capital", "注册资本", "money"),
            _col("established_date", "成立日期 注册日期", "date"),
            _col("cancelled_date", "注销日期", "date"),
            _col("status", "登记状态 经营状态"),
            _col("company_type", "市场主体类型 企业类型"),
            _col("address", "住所 注册地址 地址"),
            _PHONE,
            _col("email", "电子邮箱 邮箱"),
            _col("industry", "行业 所属行业"),
        ),
        distinctive=("legal_representative", "registered_capital", "company_type"),
    ),
    Table(
        "shareholders",
        "股东出资",
        _columns(
            _COMPANY,
            _USCC,
            _col("shareholder*", "股东名称 股东姓名 股东"),
            _col("shareholder_id", "股东证件号 证件号码 身份证号", "party_id"),
            _col("share_percent", "持股比例 出资比例", "number"),
            _col("contribution", "认缴出资额 出资额", "money"),
            _col("start_date", "入股日期 认缴日期", "date"),
            _col("end_date", "退出日期", "date"),
        ),
        distinctive=("shareholder", "share_percent", "contribution"),
    ),
    Table(
        "company_officers",
        "主要人员",
        _columns(
            _COMPANY,
            _USCC,
            _col("name*", "姓名 人员姓名"),
            _ID,
            _col("role*", "职务 职位"),
            _col("start_date", "任职日期", "date"),
            _col("end_date", "离任日期", "date"),
        ),
    ),
    Table(
        "tenders",
        "招标（采购）项目",
        _columns(
            _col("tender_no*", _TENDER_NO),
            _LOT,
            _col("title", "项目名称 标段名称"),
            _col("purchaser*", "招标人 采购人 采购单位 建设单位"),
            _col("method", "招标方式 采购方式"),
            _col("category", "项目类别 类别"),
            _col("ceiling_price", "最高限价 控制价 招标控制价 预算金额", "money"),
            _col("floor_price", "最低限价 最低投标限价", "money"),
            _col("publish_date", "公告日期 发布日期", "date"),
            _col("deadline", "投标截止时间", "date-time"),
            _col("open_date", "开标日期 开标时间", "date"),
            _col("agency", "代理机构 招标代理"),
            _col("winner", "中标人 中标单位 成交供应商"),
            _col("award_amount", "中标金额 中标价 成交金额", "money"),
            _col("platform", "交易平台"),
            _col("control_price_dongle", "控制价锁号"),
            _col("retender", "是否重新招标", "yes/no"),
            _TOWNSHIP,
            _VILLAGE,
        ),
        distinctive=("purchaser", "ceiling_price", "open_date", "method"),
    ),
    Table(
        "bids",
        "投标记录",
        _columns(
            _col("tender_no*", _TENDER_NO),
            _LOT,
            _col("bidder*", "投标人 投标单位 供应商名称"),
            _USCC,
            _col("amount", "投标报价 报价", "money"),
            _col("is_winner", "是否中标", "yes/no"),
            _col("rank", "排名 名次", "number"),
            _col("disqualified", "是否废标 是否否决", "yes/no"),
            _col("submit_time", "上传时间 递交时间", "date-time"),
            _col("ip_address", "IP地址 投标IP"),
            _col("mac_address", "MAC地址 网卡MAC"),
            _col("cpu_id", "CPU序列号"),
            _col("disk_id", "硬盘序列号"),
            _col("dongle_no", "加密锁号 计价软件锁号"),
            _col("contact", "联系人 委托代理人"),
            _col("contact_phone", "联系人电话 联系电话", mask="phone"),
            _col("manager", "项目经理 项目负责人"),
            _col("manager_id", "项目经理身份证号", "id"),
            _col("deposit_account", "保证金账号 保证金转出账号", mask="account"),
            _col("deposit_payer", "保证金付款人 保证金汇款人"),
            _col("deposit_form", "保证金形式"),
            _col("file_author", "文件编制人 文件作者"),
        ),
        distinctive=("amount", "is_winner", "ip_address", "mac_address", "deposit_account"),
    ),
    Table(
        "expert_scores",
        "评标打分",
        _columns(
            _col("tender_no*", _TENDER_NO),
            _LOT,
            _col("expert*", "评委 专家姓名"),
            _col("expert_id", "专家身份证号", "id"),
            _col("bidder*", "投标人 投标单位"),
            _col("score*", "得分 评分", "number"),
        ),
        distinctive=("expert", "score"),
    ),
    Table(
        "contracts",
        "合同",
        _columns(
            _col("contract_no", "合同编号"),
            _col("tender_no", "项目编号"),
            _col("title", "合同名称 项目名称"),
            _col("party_a*", "甲方 发包人"),
            _col("party_b*", "乙方 承包人 供应商"),
            _col("party_b_uscc", "乙方统一社会信用代码", "uscc"),
            _col("amount*", "合同金额", "money"),
            _col("final_amount", "结算金额 决算金额", "money"),
            _col("sign_date", "签订日期", "date"),
            _VILLAGE,
            _TOWNSHIP,
        ),
        distinctive=("party_a", "party_b", "sign_date"),
    ),
    Table(
        "payments",
        "资金支付",
        _columns(
            _col("voucher_no", "凭证号"),
            _col("payer*", "付款单位 付款人"),
            _col("payee*", "收款人 收款单位"),
            _col("payee_id", "收款人证件号", "party_id"),
            _col("payee_account", "收款账号", mask="account"),
            _col("amount*", "金额 支付金额", "money"),
            _col("pay_date*", "支付日期 付款日期", "date"),
            _col("purpose", "摘要 用途"),
            _col("contract_no", "合同编号"),
            _HANDLER,
            _APPROVER,
        ),
        distinctive=("pay_date",),
        keep_repeats=True,
    ),
    Table(
        "bank_flows",
        "依法调取的资金流水",
        _columns(
            Column("authority_doc", ("查询依据", "批准文号"), required=True, header_optional=True),
            _col("payer*", "付款人"),
            _col("payer_id", "付款人证件号", "party_id"),
            _col("payer_account", "付款账号", mask="account"),
            _col("payee*", "收款人"),
            _col("payee_id", "收款人证件号", "party_id"),
            _col("payee_account", "收款账号", mask="account"),
            _col("amount*", "金额", "money"),
            _col("flow_date*", "交易日期", "date"),
            _col("purpose", "摘要"),
        ),
        distinctive=("authority_doc", "flow_date", "payer_account"),
        keep_repeats=True,
    ),
    Table(
        "subsidy_applications",
        "申报、评议、公示名单",
        _columns(
            _col("programme*", "补贴项目"),
            _col("year", "年度"),
            _col("name*", "姓名"),
            _ID,
            _HOUSEHOLD,
            _VILLAGE,
            _TOWNSHIP,
            _col("result", "审核结果 评议结果"),
            _col("list_date", "公示日期", "date"),
            _HANDLER,
            _APPROVER,
        ),
        distinctive=("result", "list_date"),
    ),
    Table(
        "subsidies",
        "补贴发放",
        _columns(
            _col("programme*", "补贴项目 项目名称 补贴名称"),
            _col("year", "年度 发放年度"),
            _col("name*", "姓名 户主姓名 领取人"),
            _ID,
            _col("account", "银行账号 一卡通账号 社保卡账号 卡号", mask="account"),
            _col("amount*", "补贴金额 发放金额 应发金额", "money"),
            _col("credited_amount", "到账金额 实发金额", "money"),
            _col("quantity", "补贴面积 面积(亩) 数量", "number"),
            _col("standard", "补贴标准", "money"),
            _col("pay_date", "发放日期 发放时间", "date"),
            _col("period_start", "所属期起", "date"),
            _col("period_end", "所属期止", "date"),
            _col("serial_no", "机具编号 出厂编号"),
            _HOUSEHOLD,
            _VILLAGE,
            _TOWNSHIP,
            _HANDLER,
            _col("approver", "审批人 审核人"),
        ),
        distinctive=("amount", "credited_amount", "pay_date"),
        keep_repeats=True,
    ),
    Table(
        "subsidy_programmes",
        "补贴政策",
        _columns(
            _col("programme*", "补贴项目"),
            _col("standard", "补贴标准", "money"),
            _col("unit", "计量单位"),
            _col("kind", "类别"),
            _col("payee_unit", "发放对象"),
            _col("filing_required", "是否需近亲属备案", "yes/no"),
            _col("policy_doc", "政策依据 文号"),
            _col("excluded_statuses", "不得享受情形"),
            _col("exclusive_with", "互斥项目"),
        ),
        distinctive=("filing_required", "policy_doc", "excluded_statuses", "exclusive_with"),
    ),
    Table(
        "kin_filings",
        "近亲属备案",
        _columns(
            _col("official_name*", "干部姓名 备案人"),
            _col("official_id", "干部身份证号", "id"),
            _col("relative_name*", "亲属姓名"),
            _col("relative_id", "亲属身份证号", "id"),
            _col("relation", "与干部关系"),
            _col("programme", "补贴项目"),
            _col("filing_date", "备案日期", "date"),
        ),
        distinctive=("relation", "programme", "filing_date"),
    ),
    Table(
        "deaths",
        "死亡登记",
        _columns(
            _col("name*", "姓名 死者姓名"),
            _ID,
            _col("death_date*", "死亡日期 死亡时间", "date"),
        ),
        distinctive=("death_date",),
    ),
    Table(
        "payroll",
        "财政供养人员",
        _columns(
            _col("name*", "姓名"),
            _ID,
            _col("unit*", "单位 发放单位"),
            _col("start_date", "起薪日期", "date"),
            _col("end_date", "停薪日期", "date"),
        ),
        distinctive=("start_date", "end_date"),
    ),
    Table(
        "assets",
        "财产登记",
        _columns(
            _col("name*", "姓名 所有人"),
            _ID,
            _col("asset_type*", "财产类型"),
            _col("description", "名称 型号 坐落"),
            _col("serial_no", "编号 车架号 出厂编号"),
            _col("value", "价值 购置价", "money"),
            _col("acquired_date", "登记日期 购置日期", "date"),
            _col("disposed_date", "转出日期", "date"),
        ),
        distinctive=("asset_type",),
    ),
    Table(
        "land_parcels",
        "承包地确权登记",
        _columns(
            _col("name*", "承包方 承包方代表 姓名"),
            _ID,
            _HOUSEHOLD,
            _col("area*", "确权面积", "number"),
            _col("area_basis", "面积口径"),
            _VILLAGE,
            _TOWNSHIP,
        ),
        distinctive=("area",),
    ),
    Table(
        "land_transfers",
        "土地流转",
        _columns(
            _col("name*", "转出方"),
            _col("id_number", f"{_ID_HEADERS} 转出方身份证号 转出方证件号", "id"),
            _col("transferee*", "转入方 受让方"),
            _col("transferee_id", "转入方证件号 受让方证件号 转入方身份证号", "party_id"),
            _col("area*", "流转面积", "number"),
            _col("start_date", "流转起始日期 起始日期 流转开始日期", "date"),
            _col("end_date", "流转截止日期 截止日期 流转结束日期", "date"),
            _VILLAGE,
        ),
        distinctive=("area", "transferee"),
    ),
    Table(
        "village_projects",
        "村级自主实施项目",
        _columns(
            _col("village*", "村 村居 村(社区) 所在村"),
            _col("project*", "项目名称"),
            _col("method", "实施方式"),
            _col("budget", "预算金额", "money"),
            _col("settled", "结算金额", "money"),
            _col("contractor*", "承建人 施工方"),
            _col("contractor_id", "承建人证件号", "party_id"),
            _col("tender_no", "项目编号"),
            _col("decision_date", "民主决策日期", "date"),
            _col("start_date", "开工日期", "date"),
            _TOWNSHIP,
        ),
        distinctive=("contractor", "decision_date"),
    ),
    Table(
        "resolutions",
        "民主决策",
        _columns(
            _col("village*", "村 单位 村居 村(社区)"),
            _col("matter*", "事项"),
            _col("meeting_date*", "会议日期", "date"),
            _col("due", "应到人数", "number"),
            _col("present", "实到人数", "number"),
            _col("signatories", "签到人 表决人"),
            _col("recused", "回避人"),
            _TOWNSHIP,
        ),
        distinctive=("matter", "meeting_date"),
    ),
    Table(
        "leases",
        "资源发包",
        _columns(
            _col("village*", "村 发包方 村居 村(社区)"),
            _col("lessor", "发包单位"),
            _col("resource_name*", "资源名称 标的名称"),
            _col("resource_type", "资源类型"),
            _col("area", "面积", "number"),
            _col("lessee*", "承包人 承租人"),
            _col("lessee_id", "承包人证件号 身份证号 承租人证件号", "party_id"),
            _col("annual_rent", "年租金 年承包费", "money"),
            _col("start_date", "起始日期 承包起", "date"),
            _col("end_date", "截止日期 承包止", "date"),
            _col("method", "发包方式"),
            _col("resolution", "民主决策 是否民主决策", "yes/no"),
            _col("written_contract", "书面合同 是否签订合同", "yes/no"),
            _col("paid_amount", "已缴金额 已收租金", "money"),
            _col("due_amount", "应缴金额 应收租金", "money"),
            _TOWNSHIP,
        ),
        distinctive=("resource_name", "annual_rent"),
    ),
    Table(
        "collective_assets",
        "集体资产",
        _columns(
            _col("village*", "村 单位 村居 村(社区)"),
            _col("asset_name*", "资产名称"),
            _col("book_value", "账面价值 原值", "money"),
            _col("status", "状态"),
            _col("disposal_price", "处置价格", "money"),
            _col("disposal_date", "处置日期", "date"),
            _col("acquirer", "受让人 购买人"),
            _col("acquirer_id", "受让人证件号", "party_id"),
            _col("resolution", "民主决策", "yes/no"),
            _TOWNSHIP,
        ),
        distinctive=("asset_name", "disposal_price"),
    ),
    Table(
        "unit_registrations",
        "平台用户",
        _columns(
            _col("system*", "平台 系统"),
            _col("unit*", "单位 单位名称"),
            _col("account_no", "账号 账户", mask="account"),
            _col("registered_date", "开通日期", "date"),
        ),
        distinctive=("system",),
    ),
    Table(
        "vouchers",
        "记账凭证",
        _columns(
            _col("unit*", "单位"),
            _col("voucher_no*", "凭证号"),
            _col("entry_date", "记账日期", "date"),
            _col("business_date", "业务日期 发生日期", "date"),
            _col("subject", "科目 会计科目"),
            _col("amount*", "金额", "money"),
            _col("summary", "摘要"),
            _col("payee", "收款人 对方单位"),
            _col("invoice_no", "发票号码"),
            _col("has_invitation", "公函 是否有公函", "yes/no"),
            _col("has_list", "清单 是否有清单", "yes/no"),
            _col("guests", "来宾人数 公务人数", "number"),
            _col("companions", "陪餐人数 陪同人数", "number"),
            _col("reception_kind", "接待类别"),
            _col("attachments", "附件张数", "number"),
            _HANDLER,
        ),
        distinctive=("voucher_no", "subject", "entry_date"),
        keep_repeats=True,
    ),
    Table(
        "card_swipes",
        "公务卡刷卡",
        _columns(
            _col("unit*", "单位"),
            _col("card_no", "卡号", mask="account"),
            _col("holder*", "持卡人"),
            _col("amount*", "金额", "money"),
            _col("swipe_time*", "刷卡时间 交易时间", "date-time"),
            _col("merchant", "商户 商户名称"),
        ),
        distinctive=("holder", "swipe_time", "merchant"),
        keep_repeats=True,
    ),
    Table(
        "gang_members",
        "涉黑涉恶人员",
        _columns(
            _col("gang*", "团伙名称 组织名称"),
            _col("case_no", "案件编号"),
            _col("name*", "姓名"),
            _ID,
            _col("role", "地位作用 角色"),
            _col("since", "加入时间", "date"),
            _col("trade", "涉及行业"),
            _col("area", "活动区域"),
            _col("case_stage", "诉讼阶段"),
            _col("judgment_date", "判决生效日期", "date"),
        ),
        distinctive=("gang",),
    ),
    Table(
        "cases",
        "案件办理",
        _columns(
            _col("case_no*", "案件编号 案号"),
            _col("suspect*", "嫌疑人 当事人 涉案人"),
            _col("suspect_id", "嫌疑人身份证号 当事人身份证号", "id"),
            _col("offence", "罪名 案由"),
            _col("severity", "情节 严重程度"),
            _col("unit", "办理单位 承办单位"),
            _col("handler", "承办人 主办人"),
            _col("handler_id", "承办人身份证号", "id"),
            _col("approver", "审批人"),
            _col("approver_id", "审批人身份证号", "id"),
            _col("accept_date", "受理日期", "date"),
            _col("filing_date", "立案日期", "date"),
            _col("disposition", "处理结果 处理决定"),
            _col("disposition_date", "处理日期", "date"),
            _col("mitigating", "从宽情节"),
        ),
        distinctive=("suspect", "offence"),
    ),
    Table(
        "complaints",
        "信访举报",
        _columns(
            _col("complaint_no*", "编号 信访编号"),
            _col("subject*", "被反映人 被举报人"),
            _col("subject_id", "被反映人身份证号 被举报人身份证号", "id"),
            _col("topic", "问题类别 反映问题"),
            _col("received_date", "受理日期 收到日期", "date"),
            _col("unit", "承办单位"),
            _col("handler", "承办人"),
            _col("handler_id", "承办人身份证号", "id"),
            _col("outcome", "办理结果"),
            _col("closed_date", "办结日期", "date"),
            _col("is_repeat", "是否重复件", "yes/no"),
            _col("is_joint", "是否联名", "yes/no"),
            _col("clarified", "是否澄清正名", "yes/no"),
        ),
        distinctive=("subject",),
        known_columns_only=True,
    ),
    Table(
        "inspectors",
        "巡察人员库",
        _columns(
            _col("name*", "姓名"),
            _ID,
            _col("unit", "现单位 工作单位"),
            _col("hometown", "籍贯"),
            _col("former_units", "曾任职单位"),
            _PHONE,
        ),
        distinctive=("hometown", "former_units"),
        needs_one_of=("现单位", "籍贯", "曾任职单位", "hometown", "former_units"),
    ),
    Table(
        "inspection_targets",
        "被巡察单位",
        _columns(_col("unit*", "被巡察单位"), _TOWNSHIP, _VILLAGE),
        distinctive=("unit",),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}
