"""What of a person's numbers an export shows: masked unless asked otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ingest.masking import mask_account, mask_id, mask_phone, mask_text

_MASKS = {"person": mask_id, "account": mask_account, "phone": mask_phone}


@dataclass(frozen=True)
class Disclosure:
    """Numbers, births and texts as they may leave.

    Parameters
    ----------
    full : bool
        Nothing is masked. Callers see to the reason and the audit log.

    Examples
    --------
    >>> Disclosure().number("phone", "13812345678"), Disclosure(full=True).text("电话13812345678")
    ('138****5678', '电话13812345678')
    """

    full: bool = False

    def number(self, kind: str, number: str | None) -> str | None:
        """Return the number of an entity of a kind; those of firms are public."""
        mask = _MASKS.get(kind)
        return mask(number) if number and mask and not self.full else number

    def name(self, kind: str, name: str, number: str | None) -> str:
        """Return the name of an entity; accounts and telephones go by their number."""
        if kind in ("account", "phone"):
            return self.number(kind, number) or name
        return self.text(name)

    def birth(self, day: date | None) -> str | None:
        """Return the birth date; masked, its day is left out as it is in the number."""
        if day is None:
            return None
        return day.isoformat() if self.full else f"{day:%Y-%m}"

    def text(self, text: str) -> str:
        """Return free text, masked numbers in it."""
        return text if self.full else mask_text(text)
