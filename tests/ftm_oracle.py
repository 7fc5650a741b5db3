"""Judge FollowTheMoney entities by the official library; runs in its own environment.

    .venv-ftm/bin/python tests/ftm_oracle.py FILE

prints a JSON object: how many entities of each schema, and what the library objects to.
"""

from __future__ import annotations

import json
import sys
from collections import Counter

from followthemoney import model
from followthemoney.exc import InvalidData
from followthemoney.proxy import EntityProxy

# Telephones are written as departments give them; the library knows no number without its country.
AS_WRITTEN = ("phone",)


def judge(path: str) -> dict[str, object]:
    """Return counts by schema and the objections of the library."""
    schemata: Counter[str] = Counter()
    objections: list[str] = []
    entities: dict[str, EntityProxy] = {}
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            data = json.loads(line)
            schema = model.get(data["schema"])
            if schema is None:
                objections.append(f"{data['id']}: no schema {data['schema']}")
                continue
            unknown = [name for name in data["properties"] if name not in schema.properties]
            objections += [f"{data['id']}: {schema.name} has no {name}" for name in unknown]
            try:
                # Values not taken as clean are parsed, and dropped where they mean nothing.
                read = EntityProxy.from_dict(data, cleaned=False)
                schema.validate(data)
            except InvalidData as error:
                objections.append(f"{data['id']}: {error} {getattr(error, 'errors', '')}")
                continue
            for name, values in data["properties"].items():
                prop = schema.properties.get(name)
                if prop is None or prop.type.name in AS_WRITTEN:
                    continue
                if len(read.get(name)) != len(set(values)):
                    objections.append(f"{data['id']}: {schema.name}.{name} {values}")
            schemata[schema.name] += 1
            entities[read.id] = read
    for entity in entities.values():
        for prop, value in entity.itervalues():
            if prop.type.name != "entity":
                continue
            other = entities.get(value)
            if other is None:
                objections.append(f"{entity.id}: {prop.name} refers to nothing ({value})")
            elif prop.range is not None and not other.schema.is_a(prop.range):
                objections.append(f"{entity.id}: {prop.name} may not be a {other.schema.name}")
    return {"schemata": schemata, "objections": objections}


if __name__ == "__main__":
    print(json.dumps(judge(sys.argv[1]), ensure_ascii=False))
