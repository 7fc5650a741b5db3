"""What is planted: one file a detector, one function a case."""

from __future__ import annotations

from collections.abc import Callable

from examples.schemes import (
    below_threshold_split,
    cobidding_group,
    evaluator_tie,
    favour_exchange,
    jurisdiction_supplier,
    money_return,
    nominee_holding,
    own_unit_supplier,
    paid_after_death,
    price_pattern,
    revolving_door,
    score_deviation,
    self_dealing,
    serial_winner,
    shared_deposit,
    shared_submission,
    undeclared_kin,
    unfiled_kin,
    variance_screens,
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
    *variance_screens.CASES,
    *price_pattern.CASES,
    *serial_winner.CASES,
    *score_deviation.CASES,
)
