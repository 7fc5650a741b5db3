"""Innocent cases that look like planted ones: one file a detector, one function a case."""

from __future__ import annotations

from collections.abc import Callable

from examples.lookalikes import (
    at_the_ceiling,
    bidding,
    captive_supplier,
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
    single_bidder,
    split_works,
    undeclared_kin,
    unfiled_kin,
)
from examples.world import World

LOOKALIKES: tuple[Callable[[World], None], ...] = (
    *own_unit_supplier.CASES,
    *bidding.CASES,
    *paid_after_death.CASES,
    *unfiled_kin.CASES,
    *split_works.CASES,
    *undeclared_kin.CASES,
    *favour_exchange.CASES,
    *jurisdiction_supplier.CASES,
    *self_dealing.CASES,
    *nominee_holding.CASES,
    *revolving_door.CASES,
    *evaluator_tie.CASES,
    *money_return.CASES,
    *single_bidder.CASES,
    *lowest_rejected.CASES,
    *others_rejected.CASES,
    *at_the_ceiling.CASES,
    *captive_supplier.CASES,
    *gradual_capture.CASES,
)
