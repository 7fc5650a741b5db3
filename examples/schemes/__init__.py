"""What is planted: one file a detector, one function a case."""

from __future__ import annotations

from collections.abc import Callable

from examples.schemes import (
    at_the_ceiling,
    below_threshold_split,
    captive_supplier,
    cobidding_group,
    evaluator_tie,
    favour_exchange,
    gradual_capture,
    jurisdiction_supplier,
    lowest_rejected,
    money_return,
    nominee_holding,
    others_rejected,
    own_unit_supplier,
    paid_after_death,
    revolving_door,
    self_dealing,
    shared_deposit,
    shared_submission,
    single_bidder,
    undeclared_kin,
    unfiled_kin,
)
from examples.world import World

SCHEMES: tuple[Callable[[World], None], ...] = (
    *own_unit_supplier.CASES,
    *shared_submission.CASES,
    *shared_deposit.CASES,
    *cobidding_group.CASES,
    *paid_after_death.CASES,
    *unfiled_kin.CASES,
    *below_threshold_split.CASES,
    *undeclared_kin.CASES,
    *favour_exchange.CASES,
    *evaluator_tie.CASES,
    *money_return.CASES,
    *jurisdiction_supplier.CASES,
    *self_dealing.CASES,
    *nominee_holding.CASES,
    *revolving_door.CASES,
    *single_bidder.CASES,
    *lowest_rejected.CASES,
    *others_rejected.CASES,
    *at_the_ceiling.CASES,
    *captive_supplier.CASES,
    *gradual_capture.CASES,
)
