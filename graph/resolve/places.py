"""Units by exact normalised name or configured alias; villages by township and name."""

from __future__ import annotations

import duckdb


def resolve_units(con: duckdb.DuckDBPyConnection) -> None:
    """Add the references to units to ``keys``: always certain."""
    con.execute(
        """
        INSERT INTO keys
        SELECT r.party, r.h, 'unit', 'o:' || coalesce(a.name, r.oname), 'certain', 1.0
        FROM refs r LEFT JOIN unit_aliases a ON a.alias = r.oname
        WHERE r.kind = 'unit' AND r.oname IS NOT NULL
        """
    )


def resolve_villages(con: duckdb.DuckDBPyConnection) -> None:
    """Add the references to villages to ``keys``.

    Without a township a name that only one township has is that village; a name that several have
    stays a village of its own, with a doubt towards each.
    """
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE v_known AS
        SELECT village, count(DISTINCT township) AS townships, min(township) AS township
        FROM refs WHERE kind = 'village' AND village IS NOT NULL AND township IS NOT NULL
        GROUP BY village
        """
    )
    con.execute(
        """
        INSERT INTO keys
        SELECT r.party, r.h, 'village',
               'o:' || coalesce(r.township, CASE WHEN k.townships = 1 THEN k.township END, '')
                    || '|' || r.village,
               CASE WHEN r.township IS NULL AND k.townships > 1 THEN 'probable' ELSE 'certain' END,
               CASE WHEN r.township IS NULL AND k.townships > 1 THEN round(1.0 / k.townships, 3)
                    ELSE 1.0 END
        FROM refs r LEFT JOIN v_known k ON k.village = r.village
        WHERE r.kind = 'village' AND r.village IS NOT NULL
        """
    )
    con.execute(
        """
        INSERT INTO doubts
        SELECT DISTINCT 'village', 'o:|' || r.village, 'o:' || o.township || '|' || o.village,
               'probable', round(1.0 / k.townships, 3), '村名相同，未写明乡镇'
        FROM refs r JOIN v_known k ON k.village = r.village AND k.townships > 1
        JOIN refs o ON o.village = r.village AND o.township IS NOT NULL AND o.kind = 'village'
        WHERE r.kind = 'village' AND r.township IS NULL
        """
    )
