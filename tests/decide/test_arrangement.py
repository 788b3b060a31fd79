from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.catalog.block import Block
from lenticular.decide.arrangement import arrange

IDS = ["a", "b", "c", "d", "e"]
BLOCKS = st.dictionaries(
    st.sampled_from(IDS),
    st.builds(
        Block,
        kind=st.just("x"),
        position=st.sampled_from(["a", "aZ", "aa", "b", "B", "é"]),
        parent=st.none() | st.sampled_from([*IDS, "gone"]),
        hidden=st.booleans(),
    ),
)


def ids(blocks: dict[str, Block]) -> list[str]:
    return [block.shown.id for block in arrange(blocks).blocks]


def test_positions_are_compared_bytewise_then_ids() -> None:
    blocks = {name: Block("x", position) for name, position in [("1", "b"), ("2", "aa"), ("3", "aZ"), ("4", "aa")]}
    assert ids(blocks) == ["3", "2", "4", "1"]


def test_children_follow_their_parent_and_hidden_ones_go_with_theirs() -> None:
    blocks = {
        "columns": Block("columns", "b"),
        "right": Block("x", "b", parent="columns"),
        "left": Block("x", "a", parent="columns"),
        "first": Block("x", "a"),
        "closed": Block("columns", "c", hidden=True),
        "inside": Block("x", "a", parent="closed"),
        "lost": Block("x", "a", parent="nowhere"),
    }
    assert ids(blocks) == ["first", "columns", "left", "right"]


@settings(deadline=None)
@given(BLOCKS)
def test_exactly_what_is_visible_is_there_once_after_its_container(blocks: dict[str, Block]) -> None:
    order = ids(blocks)
    assert len(order) == len(set(order))
    for block_id, block in blocks.items():
        chain, at = [block_id], block.parent
        while at in blocks and at not in chain:
            chain.append(at)
            at = blocks[at].parent
        visible = at is None and not any(blocks[one].hidden for one in chain)
        assert (block_id in order) == visible
        if visible and block.parent:
            assert order.index(block.parent) < order.index(block_id)
    for parent in {block.parent for block in blocks.values()}:
        siblings = [one for one in order if blocks[one].parent == parent]
        assert siblings == sorted(siblings, key=lambda one: (blocks[one].position.encode(), one.encode()))


def test_settings_that_are_no_plain_data_are_a_problem_not_an_error() -> None:
    arrangement = arrange({"bad": Block("x", "a", settings={"f": object()}), "good": Block("x", "b")})
    assert [block.shown.id for block in arrangement.blocks] == ["good"]
    assert 'The block "bad" can\'t be used' in arrangement.problem
