"""What is planted: one file a detector, one function a case."""

from __future__ import annotations

from collections.abc import Callable

from examples.schemes import (
    below_threshold_split,
    cobidding_group,
    cover_bidder,
    evaluator_tie,
    favour_exchange,
    jurisdiction_supplier,
    money_return,
    nominee_holding,
    own_unit_supplier,
    paid_after_death,
    revolving_door,
    ring,
    rotation,
    self_dealing,
    shared_deposit,
    shared_submission,
    territorial_split,
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
    *ring.CASES,
    *rotation.CASES,
    *cover_bidder.CASES,
    *territorial_split.CASES,
)
