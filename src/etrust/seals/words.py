"""What states and actions of seals are called, in Chinese and English."""

from collections.abc import Mapping
from dataclasses import dataclass

from etrust.seals.model import Action, SealState


@dataclass(frozen=True, slots=True)
class Words:
    """One thing in two languages."""

    zh: str
    en: str


STATES: Mapping[SealState, Words] = {
    SealState.APPLIED: Words("待审核", "applied for"),
    SealState.REJECTED: Words("审核未通过", "rejected"),
    SealState.APPROVED: Words("待制作", "approved"),
    SealState.MAKING: Words("制作中", "being made"),
    SealState.MADE: Words("待备案", "made"),
    SealState.RECORDED: Words("待启用", "recorded"),
    SealState.ACTIVE: Words("在用", "in use"),
    SealState.FROZEN: Words("已冻结", "frozen"),
    SealState.LOST: Words("已挂失", "reported lost"),
    SealState.SUPERSEDED: Words("已被新印章替代", "superseded"),
    SealState.CANCELED: Words("已注销", "canceled"),
}

ACTIONS: Mapping[Action, Words] = {
    Action.APPLY: Words("申请", "apply"),
    Action.APPROVE: Words("审核通过", "approve"),
    Action.REJECT: Words("审核不通过", "reject"),
    Action.PREPARE: Words("制作", "prepare"),
    Action.MAKE: Words("制作完成", "make"),
    Action.FILE_RECORD: Words("备案", "record"),
    Action.ACTIVATE: Words("交付启用", "activate"),
    Action.FREEZE: Words("冻结", "freeze"),
    Action.REPORT_LOST: Words("挂失", "report lost"),
    Action.PROPOSE_RESTORE: Words("申请解冻", "propose to restore"),
    Action.RESTORE: Words("解冻", "restore"),
    Action.SUPERSEDE: Words("变更", "supersede"),
    Action.CANCEL: Words("注销", "cancel"),
}
