"""Innocent cases that look like planted ones: one file a detector, one function a case."""

from __future__ import annotations

from collections.abc import Callable

from examples.lookalikes import (
    bidding,
    common_control,
    evaluator_tie,
    favour_exchange,
    jurisdiction_supplier,
    losing_subcontractor,
    money_return,
    nominee_holding,
    own_unit_supplier,
    paid_after_death,
    price_pattern,
    revolving_door,
    ring,
    self_dealing,
    shared_agent,
    shared_authorship,
    shared_manager,
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
    *ring.CASES,
    *shared_authorship.CASES,
    *shared_agent.CASES,
    *shared_manager.CASES,
    *common_control.CASES,
    *losing_subcontractor.CASES,
)
