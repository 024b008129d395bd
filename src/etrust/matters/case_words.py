"""What states and actions of cases are called, in Chinese and English."""

from collections.abc import Mapping

from etrust.matters.case_model import Action, CaseState

STATES: Mapping[CaseState, tuple[str, str]] = {
    CaseState.OPEN: ("收件", "open"),
    CaseState.ACCEPTED: ("已受理", "accepted"),
    CaseState.LACKING: ("容缺受理", "accepted, materials to be brought"),
    CaseState.SUPPLEMENTED: ("已补正", "supplemented"),
    CaseState.COMPLETED: ("已办结", "completed"),
    CaseState.REFUSED: ("不予受理", "refused"),
    CaseState.WITHDRAWN: ("已撤回", "withdrawn"),
}

ACTIONS: Mapping[Action, tuple[str, str]] = {
    Action.OPEN: ("收件", "open"),
    Action.CHECK: ("查验", "check"),
    Action.COMMIT: ("告知承诺", "commit"),
    Action.DEFER: ("容缺后补", "defer"),
    Action.SUPPLEMENT: ("补交材料", "supplement"),
    Action.ACCEPT: ("受理", "accept"),
    Action.COMPLETE: ("办结", "complete"),
    Action.REFUSE: ("不予受理", "refuse"),
    Action.WITHDRAW: ("撤回", "withdraw"),
}
