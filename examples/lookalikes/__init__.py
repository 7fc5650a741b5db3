"""Innocent cases that look like planted ones: one file a detector, one function a case."""

from __future__ import annotations

from collections.abc import Callable

from examples.lookalikes import (
    bidding,
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
    split_works,
    undeclared_kin,
    unfiled_kin,
    variance_screens,
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
    *variance_screens.CASES,
    *price_pattern.CASES,
    *serial_winner.CASES,
    *score_deviation.CASES,
)
