"""Public funds: receptions, vouchers, two-platform comparison."""
