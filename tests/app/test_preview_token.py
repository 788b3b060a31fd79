"""Tokens of preview links: what is signed comes back, anything else does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.app.preview_token import Preview, PreviewError, preview_of, token_of

KEY = b"a key"
texts = st.text(max_size=20)
previews = st.builds(
    Preview,
    site=st.just("shop"),
    expires=st.integers(1, 2**50),
    segments=st.none() | st.lists(texts, max_size=4).map(tuple),
    persona=st.none() | texts,
    drafts=st.booleans(),
    at=st.none() | st.integers(0, 2**50),
)


@given(previews)
def test_what_is_signed_comes_back_until_it_is_over(preview: Preview) -> None:
    token = token_of(preview, KEY)
    assert preview_of(token, KEY, "shop", preview.expires - 1) == preview
    with pytest.raises(PreviewError):
        preview_of(token, KEY, "shop", preview.expires)


@given(previews, st.data())
def test_no_letter_can_be_changed(preview: Preview, data: st.DataObject) -> None:
    token = token_of(preview, KEY)
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABab01-_.=+/ é\n").filter(lambda one: one != token[at]))
    for changed in (
        token[:at] + letter + token[at + 1 :],
        token[:at] + token[at + 1 :],
        token[:at] + letter + token[at:],
    ):
        with pytest.raises(PreviewError) as told:
            preview_of(changed, KEY, "shop", 0)
        assert told.value.problems[0].code == "preview.tampered"


@given(previews)
def test_another_key_makes_other_links(preview: Preview) -> None:
    with pytest.raises(PreviewError):
        preview_of(token_of(preview, b"another"), KEY, "shop", 0)
