"""What lies below a path, looked up in keys that are sorted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lindi_explorer.references.sorted_keys import SortedKeys

KEYS = st.lists(
    st.sampled_from("ab-./0é\U0001f600").flatmap(lambda c: st.text("ab-./0é", max_size=6).map(c.__add__))
)


@given(KEYS, st.lists(st.text("ab-./0é", max_size=3)))
def test_every_look_up_is_that_in_all_keys_one_by_one(keys, paths):
    found = SortedKeys(keys)
    for path in paths:
        before = f"{path}/" if path else ""
        below = sorted(key for key in keys if key.startswith(before))
        assert found.below(path) == below
        rests = [key.removeprefix(before) for key in below]
        assert found.names(path) == list(dict.fromkeys(rest.split("/")[0] for rest in rests if "/" in rest))


def test_names_that_begin_alike_are_not_below_each_other():
    found = SortedKeys(["a/x/1", "a/x.y/1", "a/x0/1", "a/x/2", "a0/x", "a.b/x", "a"])
    assert found.names("") == ["a.b", "a", "a0"]
    assert found.names("a") == ["x.y", "x", "x0"]
    assert found.below("a/x") == ["a/x/1", "a/x/2"]
    assert found.below("b") == found.names("b") == found.names("a.b") == []


def test_many_keys_in_any_order_of_asking():
    keys = [f"g{group}/d{number}/0" for group in range(300) for number in range(group % 7)]
    found = SortedKeys(reversed(keys))
    for group in (*range(300), *range(299, -1, -1), *range(0, 300, 17)):
        assert found.names(f"g{group}") == [f"d{number}" for number in range(group % 7)]
    assert found.names("") == sorted(f"g{group}" for group in range(300) if group % 7)
