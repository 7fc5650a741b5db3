"""The export command: what leaves, masked, in the forms other tools open."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import tanwei
from examples.county import make_county
from examples.save import save
from ingest.errors import UserError
from tanwei import audit, cli
from tanwei import export as exporting
from tanwei.workspace import Workspace

ROOT = Path(__file__).parents[1]
ORACLE = ROOT / "tests" / "ftm_oracle.py"
# An entity id may happen to be all digits behind its letter.
FULL = re.compile(r"(?<![0-9A-Za-z-])(?:\d{17}[\dXx]|1[3-9]\d{9}|\d{16,19})(?![0-9A-Za-z])")


@pytest.fixture(scope="module")
def out_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on a small example county."""
    base = tmp_path_factory.mktemp("export")
    save(make_county(7, villages_per_township=1), base / "county", "typical")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(base / "config"))
        patch.delenv("TANWEI_KEY_FILE", raising=False)
        argv = [
            "run",
            str(base / "county"),
            "--out",
            str(base / "out"),
            "--only",
            "paid_after_death",
        ]
        assert cli.invoke(argv) == 0
    return base / "out"


@pytest.fixture
def ws(out_dir: Path) -> Iterator[Workspace]:
    with tanwei.open(out_dir) as opened:
        yield opened


def entities(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def official_python() -> str | None:
    """The interpreter that has the official library, if any."""
    own = ROOT / ".venv-ftm" / "bin" / "python"
    if own.is_file():
        return str(own)
    return sys.executable if find_spec("followthemoney") else None


@pytest.mark.skipif(official_python() is None, reason="没有装 followthemoney（make setup-ftm）")
@pytest.mark.parametrize("unmask", [False, True])
def test_the_official_library_objects_to_nothing(
    ws: Workspace, tmp_path: Path, unmask: bool
) -> None:
    path = tmp_path / "g.jsonl"
    ws.export("ftm", out=path, unmask=unmask, reason="核对导出格式")
    command = [official_python(), str(ORACLE), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # type: ignore[arg-type]
    judged = json.loads(done.stdout)
    assert judged["objections"] == []
    assert judged["schemata"] == Counter(e["schema"] for e in entities(path))
    assert {"Person", "Company", "PublicBody", "Ownership", "Directorship", "Family"} <= set(
        judged["schemata"]
    )


def test_every_tie_says_at_which_rows_it_stands(ws: Workspace, tmp_path: Path) -> None:
    ws.export("ftm", out=tmp_path / "g.jsonl")
    for found in entities(tmp_path / "g.jsonl"):
        values = found["properties"]
        if found["schema"] in ("Person", "Company", "PublicBody", "Organization"):
            assert any(re.search(r"^来源：.+第\d+行$", note) for note in values["notes"])
        elif found["schema"] not in ("Contract", "BankAccount"):
            assert all(re.search(r"第\d+行$", place) for place in values["recordId"])


def test_shares_terms_and_dates_stand_in_the_right_properties(
    ws: Workspace, tmp_path: Path
) -> None:
    ws.export("ftm", out=tmp_path / "g.jsonl")
    found = {e["id"]: e for e in entities(tmp_path / "g.jsonl")}
    edges = ws.snapshot.query(
        "SELECT printf('e-%016x', edge), src, dst, share * 100, start_date::VARCHAR FROM edges"
        " WHERE kind = 'shareholder'"
    )
    assert edges
    for edge, src, dst, percent, start in edges:
        values = found[edge]["properties"]
        assert (values["owner"], values["asset"]) == ([src], [dst])
        assert float(values["percentage"][0]) == pytest.approx(percent)
        assert values.get("startDate", [None]) == [start]
    kin = {
        (src, dst): term
        for src, dst, term in ws.snapshot.query(
            "SELECT src, dst, term FROM edges WHERE kind = 'kin' AND basis <> 'inferred'"
        )
    }
    families = [e["properties"] for e in found.values() if e["schema"] == "Family"]
    assert families
    for values in families:
        assert (values["person"][0], values["relative"][0]) in kin
    told = {frozenset((v["person"][0], v["relative"][0])) for v in families}
    assert told == {frozenset(pair) for pair in kin}


@pytest.mark.parametrize("form", ["ftm", "graphml", "gexf"])
def test_numbers_leave_masked_unless_asked_for_with_a_reason(
    ws: Workspace, out_dir: Path, tmp_path: Path, form: str
) -> None:
    path = tmp_path / f"g.{form}"
    ws.export(form, out=path)
    text = path.read_text(encoding="utf-8")
    # A firm's code may be all digits; it is public.
    codes = ws.snapshot.query("SELECT number FROM entities WHERE kind = 'company' AND number <> ''")
    public = {code for (code,) in codes}
    assert not [m[0] for m in FULL.finditer(text) if m[0] not in public]
    number = ws.snapshot.query("SELECT min(number) FROM entities WHERE kind = 'person'")[0][0]
    assert number not in text
    ws.export(form, out=path, unmask=True, reason="核对张某（110105194912310021）身份")
    assert number in path.read_text(encoding="utf-8")
    last = audit.entries(out_dir)[-1]
    assert (last["action"], last["detail"]["format"]) == ("unmask", form)
    assert last["reason"] == "核对张某（110105********0021）身份"
    assert audit.entries(out_dir)[-2]["action"] == "export"
    assert not audit.verify(out_dir)


def test_unmask_without_a_reason_is_refused(
    out_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = len(audit.entries(out_dir))
    out = tmp_path / "g.jsonl"
    argv = ["export", str(out_dir), "--format", "ftm", "--unmask", "--out", str(out)]
    assert cli.invoke(argv) == 2
    assert "--reason" in capsys.readouterr().err
    assert cli.invoke([*argv, "--reason", " "]) == 2
    assert not out.exists()
    assert len(audit.entries(out_dir)) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--format", "csv"], "graphml"),
        (["--format", "ftm", "--hops", "2"], "--subject"),
        (["--format", "ftm", "--subject", "无此人"], "没有找到"),
        (["--format", "ftm", "--subject", "无此人", "--hops", "99"], "--hops"),
        ([], "--format"),
    ],
)
def test_what_can_not_be_exported_is_said(
    out_dir: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.invoke(["export", str(out_dir), *options]) == 2
    assert message in capsys.readouterr().err


def test_graphml_opens_in_networkx_with_typed_attributes(ws: Workspace, tmp_path: Path) -> None:
    ws.export("graphml", out=tmp_path / "g.graphml")
    graph = nx.read_graphml(tmp_path / "g.graphml")
    nodes, edges = ws.snapshot.query(
        "SELECT (SELECT count(*) FROM entities), (SELECT count(*) FROM edges)"
    )[0]
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (nodes, edges)
    held = [d for _, _, d in graph.edges(data=True) if d["kind"] == "shareholder"]
    assert all(0 < d["share"] <= 1 for d in held)
    assert all(isinstance(d["weight"], float) and d["source"] for d in held)
    assert any(re.fullmatch(r"\d{4}-\d\d-\d\d", d.get("start", "")) for d in held)
    assert {d["kind_name"] for _, d in graph.nodes(data=True)} >= {"人员", "企业", "单位"}


def test_gexf_opens_in_networkx_with_colours_and_times(ws: Workspace, tmp_path: Path) -> None:
    ws.export("gexf", out=tmp_path / "g.gexf")
    graph = nx.read_gexf(tmp_path / "g.gexf")
    assert graph.number_of_nodes() == len(ws.snapshot.query("SELECT entity FROM entities"))
    assert graph.number_of_edges() == len(ws.snapshot.query("SELECT edge FROM edges"))
    text = (tmp_path / "g.gexf").read_text(encoding="utf-8")
    assert 'mode="dynamic"' in text
    assert 'timeformat="date"' in text
    assert re.search(r'<edge [^>]*start="\d{4}-\d\d-\d\d"', text)
    people = {d["viz"]["color"]["r"] for _, d in graph.nodes(data=True) if d["kind"] == "person"}
    firms = {d["viz"]["color"]["r"] for _, d in graph.nodes(data=True) if d["kind"] == "company"}
    assert people.isdisjoint(firms)


@pytest.mark.parametrize("form", ["ftm", "graphml", "gexf"])
def test_a_second_export_has_the_same_bytes(ws: Workspace, tmp_path: Path, form: str) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    ws.export(form, out=one)
    ws.export(form, out=two)
    assert one.read_bytes() == two.read_bytes()


def test_around_a_subject(
    out_dir: Path, ws: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entity = ws.snapshot.query(
        "SELECT src FROM edges WHERE kind = 'shareholder' AND src LIKE 'p-%' ORDER BY src"
    )[0][0]
    argv = ["export", str(out_dir), "--subject", entity, "--hops", "1"]
    assert cli.invoke([*argv, "--format", "ftm", "--out", str(tmp_path / "s.jsonl")]) == 0
    assert "已导出" in capsys.readouterr().out
    ids = {e["id"]: e["schema"] for e in entities(tmp_path / "s.jsonl")}
    assert entity in ids
    around = {
        end
        for src, dst in ws.snapshot.query(
            "SELECT src, dst FROM edges WHERE ? IN (src, dst)", [entity]
        )
        for end in (src, dst)
    }
    assert {e for e in ids if e[0] in "pcuvla"} <= around
    assert {"Company", "Ownership"} <= set(ids.values())
    assert cli.invoke([*argv, "--format", "gexf"]) == 0
    written = list((out_dir / "export").glob(f"*-{entity.split('-')[1][:8]}.gexf"))
    assert len(written) == 1
    assert written[0].stat().st_mode & 0o077 == 0
    assert nx.read_gexf(written[0]).has_node(entity)


def test_a_graph_too_big_for_memory_is_refused_with_the_way_out(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_ELEMENTS", 100)
    with pytest.raises(UserError, match="--subject"):
        ws.export("gexf", out=tmp_path / "g.gexf")
    assert not list(tmp_path.iterdir())
    ws.export("ftm", out=tmp_path / "g.jsonl")


def test_a_file_that_can_not_be_written_is_named(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="写不进去"):
        ws.export("ftm", out=tmp_path / "file" / "g.jsonl")
