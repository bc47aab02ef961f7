from __future__ import annotations

from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.session import ExplorerSession


def test_a_series_is_shown_as_its_data(sample_nwb):
    with ExplorerSession.open(sample_nwb) as session:
        group = session.handle(p.GetNode(id="1", path="/acquisition/raw"))[0].card
        data = session.handle(p.GetNode(id="2", path="/acquisition/raw/data"))[0].card
        assert group.previews == data.previews != []
        shown, buffers = session.handle(p.GetPreview(id="3", path="/acquisition/raw"))
        assert shown.path == "/acquisition/raw/data"
        assert buffers


def test_a_table_and_a_plain_group_are_not_series(sample_nwb):
    with ExplorerSession.open(sample_nwb) as session:
        table = session.handle(p.GetNode(id="1", path="/units"))[0].card
        plain = session.handle(p.GetNode(id="2", path="/general"))[0].card
        assert [choice.view for choice in table.previews] == ["table"]
        assert plain.previews == []
