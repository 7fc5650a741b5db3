"""The headers under which departments send each table, and the type of each column.

Written out from the hand-over requirements and not taken from ``ingest.tables`` on purpose: a
variant that intake forgets shows here as a failing test instead of vanishing on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Header:
    """A canonical column, its type and the headers it may stand under, the usual one first."""

    column: str
    type: str
    variants: tuple[str, ...]


# One line a column: canonical name, type, headers.
_TEXT: dict[str, str] = {
    "people": """
        name text 姓名
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        gender text 性别
        birth_date date 出生日期/出生年月
        phone text 联系电话/手机号/手机号码/电话
        address text 住址/家庭住址/地址
        village text 村/村居/村(社区)/所在村
        township text 乡镇/镇街/乡镇(街道)
    """,
    "households": """
        household_no text 户号/户编号
        name text 姓名
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        relation_to_head text 与户主关系
        household_type text 户类型
        registered_date date 迁入日期/登记日期
        move_reason text 迁入原因
        village text 村/村居/村(社区)/所在村
        township text 乡镇/镇街/乡镇(街道)
        address text 住址/家庭住址/地址
    """,
    "kinship": """
        name text 姓名/报告人/干部姓名
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        relation text 称谓/与本人关系/关系
        relative_name text 亲属姓名/家属姓名
        relative_id_number id 亲属身份证号/家属身份证号
        relative_employer text 亲属工作单位/工作单位
        relative_position text 亲属职务
        relative_phone text 亲属电话/亲属联系电话
        relative_birth_date date 亲属出生日期
        start_date date 结婚日期
        end_date date 离婚日期/关系终止日期
        form text 申报表类型
        filed_on date 填报日期
    """,
    "officials": """
        name text 姓名
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        organization text 单位/工作单位/任职单位
        position text 职务
        rank text 职级/级别
        identity_type text 人员身份
        political_status text 政治面貌
        authority text 管理权限/干部管理权限
        duties text 分管工作/分管领域
        start_date date 任职时间/任职日期/任职起始
        end_date date 离任时间/离任日期/任职截止
        phone text 联系电话/手机号/手机号码/电话
        township text 乡镇/镇街/乡镇(街道)
        village text 村/村居/村(社区)/所在村
    """,
    "companies": """
        name text 企业名称/公司名称/单位名称/市场主体名称
        uscc uscc 统一社会信用代码/社会信用代码
        legal_representative text 法定代表人/法人代表/负责人
        legal_representative_id id 法定代表人身份证号/法人身份证号
        registered_capital money 注册资本
        established_date date 成立日期/注册日期
        cancelled_date date 注销日期
        status text 登记状态/经营状态
        company_type text 市场主体类型/企业类型
        address text 住所/注册地址/地址
        phone text 联系电话
        email text 电子邮箱/邮箱
        industry text 行业/所属行业
    """,
    "shareholders": """
        company text 企业名称/公司名称
        uscc text 统一社会信用代码/社会信用代码
        shareholder text 股东名称/股东姓名/股东
        shareholder_id id_or_uscc 股东证件号/证件号码/身份证号
        share_percent number 持股比例/出资比例
        contribution money 认缴出资额/出资额
        start_date date 入股日期/认缴日期
        end_date date 退出日期
    """,
    "company_officers": """
        company text 企业名称/公司名称
        uscc text 统一社会信用代码/社会信用代码
        name text 姓名/人员姓名
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        role text 职务/职位
        start_date date 任职日期
        end_date date 离任日期
    """,
    "tenders": """
        tender_no text 项目编号/招标编号/采购编号
        lot text 标段/标段号/包号
        title text 项目名称/标段名称
        purchaser text 招标人/采购人/采购单位/建设单位
        method text 招标方式/采购方式
        category text 项目类别/类别
        ceiling_price money 最高限价/控制价/招标控制价/预算金额
        floor_price money 最低限价/最低投标限价
        publish_date date 公告日期/发布日期
        deadline date-time 投标截止时间
        open_date date 开标日期/开标时间
        agency text 代理机构/招标代理
        winner text 中标人/中标单位/成交供应商
        award_amount money 中标金额/中标价/成交金额
        platform text 交易平台
        control_price_dongle text 控制价锁号
        retender yes/no 是否重新招标
        township text 乡镇/镇街/乡镇(街道)
        village text 村/村居/村(社区)/所在村
    """,
    "bids": """
        tender_no text 项目编号/招标编号/采购编号
        lot text 标段/标段号/包号
        bidder text 投标人/投标单位/供应商名称
        uscc text 统一社会信用代码/社会信用代码
        amount money 投标报价/报价
        is_winner yes/no 是否中标
        rank number 排名/名次
        disqualified yes/no 是否废标/是否否决
        submit_time date-time 上传时间/递交时间
        ip_address text IP地址/投标IP
        mac_address text MAC地址/网卡MAC
        cpu_id text CPU序列号
        disk_id text 硬盘序列号
        dongle_no text 加密锁号/计价软件锁号
        contact text 联系人/委托代理人
        contact_phone text 联系人电话/联系电话
        manager text 项目经理/项目负责人
        manager_id id 项目经理身份证号
        deposit_account text 保证金账号/保证金转出账号
        deposit_payer text 保证金付款人/保证金汇款人
        deposit_form text 保证金形式
        file_author text 文件编制人/文件作者
    """,
    "expert_scores": """
        tender_no text 项目编号/招标编号/采购编号
        lot text 标段/标段号/包号
        expert text 评委/专家姓名
        expert_id id 专家身份证号
        bidder text 投标人
        score number 得分/评分
    """,
    "contracts": """
        contract_no text 合同编号
        tender_no text 项目编号
        title text 合同名称/项目名称
        party_a text 甲方/发包人
        party_b text 乙方/承包人/供应商
        party_b_uscc text 乙方统一社会信用代码
        amount money 合同金额
        final_amount money 结算金额/决算金额
        sign_date date 签订日期
        village text 村/村居/村(社区)/所在村
        township text 乡镇/镇街/乡镇(街道)
    """,
    "payments": """
        voucher_no text 凭证号
        payer text 付款单位/付款人
        payee text 收款人/收款单位
        payee_id text 收款人证件号
        payee_account text 收款账号
        amount money 金额/支付金额
        pay_date date 支付日期/付款日期
        purpose text 摘要/用途
        contract_no text 合同编号
        handler text 经办人
        approver text 审批人
    """,
    "bank_flows": """
        authority_doc text 查询依据/批准文号
        payer text 付款人
        payer_id text 付款人证件号
        payer_account text 付款账号
        payee text 收款人
        payee_id text 收款人证件号
        payee_account text 收款账号
        amount money 金额
        flow_date date 交易日期
        purpose text 摘要
    """,
    "subsidy_applications": """
        programme text 补贴项目
        year text 年度
        name text 姓名
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        household_no text 户号/户编号
        village text 村/村居/村(社区)/所在村
        township text 乡镇/镇街/乡镇(街道)
        result text 审核结果/评议结果
        list_date date 公示日期
        handler text 经办人
        approver text 审批人
    """,
    "subsidies": """
        programme text 补贴项目/项目名称/补贴名称
        year text 年度/发放年度
        name text 姓名/户主姓名/领取人
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        account text 银行账号/一卡通账号/社保卡账号/卡号
        amount money 补贴金额/发放金额/应发金额
        credited_amount money 到账金额/实发金额
        quantity number 补贴面积/面积(亩)/数量
        standard money 补贴标准
        pay_date date 发放日期/发放时间
        period_start date 所属期起
        period_end date 所属期止
        serial_no text 机具编号/出厂编号
        household_no text 户号
        village text 村/村居/村(社区)/所在村
        township text 乡镇/镇街/乡镇(街道)
        handler text 经办人
        approver text 审批人/审核人
    """,
    "subsidy_programmes": """
        programme text 补贴项目
        standard money 补贴标准
        unit text 计量单位
        kind text 类别
        payee_unit text 发放对象
        filing_required yes/no 是否需近亲属备案
        policy_doc text 政策依据/文号
        excluded_statuses text 不得享受情形
        exclusive_with text 互斥项目
    """,
    "kin_filings": """
        official_name text 干部姓名/备案人
        official_id id 干部身份证号
        relative_name text 亲属姓名
        relative_id id 亲属身份证号
        relation text 与干部关系
        programme text 补贴项目
        filing_date date 备案日期
    """,
    "deaths": """
        name text 姓名/死者姓名
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        death_date date 死亡日期/死亡时间
    """,
    "payroll": """
        name text 姓名
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        unit text 单位/发放单位
        start_date date 起薪日期
        end_date date 停薪日期
    """,
    "assets": """
        name text 姓名/所有人
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        asset_type text 财产类型
        description text 名称/型号/坐落
        serial_no text 编号/车架号/出厂编号
        value money 价值/购置价
        acquired_date date 登记日期/购置日期
        disposed_date date 转出日期
    """,
    "land_parcels": """
        name text 承包方/承包方代表/姓名
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        household_no text 户号
        area number 确权面积
        area_basis text 面积口径
        village text 村/村居/村(社区)/所在村
        township text 乡镇/镇街/乡镇(街道)
    """,
    "land_transfers": """
        name text 转出方
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        transferee text 转入方/受让方
        transferee_id text 转入方证件号
        area number 流转面积
        start_date date 起始日期
        end_date date 截止日期
        village text 村/村居/村(社区)/所在村
    """,
    "village_projects": """
        village text 村
        project text 项目名称
        method text 实施方式
        budget money 预算金额
        settled money 结算金额
        contractor text 承建人/施工方
        contractor_id text 承建人证件号
        tender_no text 项目编号
        decision_date date 民主决策日期
        start_date date 开工日期
        township text 乡镇/镇街/乡镇(街道)
    """,
    "resolutions": """
        village text 村/单位
        matter text 事项
        meeting_date date 会议日期
        due number 应到人数
        present number 实到人数
        signatories text 签到人/表决人
        recused text 回避人
        township text 乡镇/镇街/乡镇(街道)
    """,
    "leases": """
        village text 村/发包方
        lessor text 发包单位
        resource_name text 资源名称/标的名称
        resource_type text 资源类型
        area number 面积
        lessee text 承包人/承租人
        lessee_id text 承包人证件号/身份证号
        annual_rent money 年租金/年承包费
        start_date date 起始日期/承包起
        end_date date 截止日期/承包止
        method text 发包方式
        resolution yes/no 民主决策/是否民主决策
        written_contract yes/no 书面合同/是否签订合同
        paid_amount money 已缴金额/已收租金
        due_amount money 应缴金额/应收租金
        township text 乡镇/镇街/乡镇(街道)
    """,
    "collective_assets": """
        village text 村/单位
        asset_name text 资产名称
        book_value money 账面价值/原值
        status text 状态
        disposal_price money 处置价格
        disposal_date date 处置日期
        acquirer text 受让人/购买人
        acquirer_id text 受让人证件号
        resolution yes/no 民主决策
        township text 乡镇/镇街/乡镇(街道)
    """,
    "unit_registrations": """
        system text 平台/系统
        unit text 单位/单位名称
        account_no text 账号/账户
        registered_date date 开通日期
    """,
    "vouchers": """
        unit text 单位
        voucher_no text 凭证号
        entry_date date 记账日期
        business_date date 业务日期/发生日期
        subject text 科目/会计科目
        amount money 金额
        summary text 摘要
        payee text 收款人/对方单位
        invoice_no text 发票号码
        has_invitation yes/no 公函/是否有公函
        has_list yes/no 清单/是否有清单
        guests number 来宾人数/公务人数
        companions number 陪餐人数/陪同人数
        reception_kind text 接待类别
        attachments number 附件张数
        handler text 经办人
    """,
    "card_swipes": """
        unit text 单位
        card_no text 卡号
        holder text 持卡人
        amount money 金额
        swipe_time date-time 刷卡时间/交易时间
        merchant text 商户/商户名称
    """,
    "gang_members": """
        gang text 团伙名称/组织名称
        case_no text 案件编号
        name text 姓名
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        role text 地位作用/角色
        since date 加入时间
        trade text 涉及行业
        area text 活动区域
        case_stage text 诉讼阶段
        judgment_date date 判决生效日期
    """,
    "cases": """
        case_no text 案件编号/案号
        suspect text 嫌疑人/当事人/涉案人
        suspect_id id 嫌疑人身份证号/当事人身份证号
        offence text 罪名/案由
        severity text 情节/严重程度
        unit text 办理单位/承办单位
        handler text 承办人/主办人
        handler_id id 承办人身份证号
        approver text 审批人
        approver_id id 审批人身份证号
        accept_date date 受理日期
        filing_date date 立案日期
        disposition text 处理结果/处理决定
        disposition_date date 处理日期
        mitigating text 从宽情节
    """,
    "complaints": """
        complaint_no text 编号/信访编号
        subject text 被反映人/被举报人
        subject_id id 被反映人身份证号
        topic text 问题类别/反映问题
        received_date date 受理日期/收到日期
        unit text 承办单位
        handler text 承办人
        handler_id id 承办人身份证号
        outcome text 办理结果
        closed_date date 办结日期
        is_repeat yes/no 是否重复件
        is_joint yes/no 是否联名
        clarified yes/no 是否澄清正名
    """,
    "inspectors": """
        name text 姓名
        id_number id 身份证号/身份证号码/公民身份号码/证件号码
        unit text 现单位/工作单位
        hometown text 籍贯
        former_units text 曾任职单位
        phone text 联系电话/手机号/手机号码/电话
    """,
    "inspection_targets": """
        unit text 被巡察单位
        township text 乡镇/镇街/乡镇(街道)
        village text 村/村居/村(社区)/所在村
    """,
}


def _parse(text: str) -> tuple[Header, ...]:
    rows = (line.split() for line in text.strip().splitlines())
    return tuple(Header(column, kind, tuple(names.split("/"))) for column, kind, names in rows)


HEADERS: dict[str, tuple[Header, ...]] = {name: _parse(text) for name, text in _TEXT.items()}


def columns(table: str) -> tuple[str, ...]:
    """Canonical columns of a table, in order.

    Examples
    --------
    >>> columns("deaths")
    ('name', 'id_number', 'death_date')
    """
    return tuple(header.column for header in HEADERS[table])
