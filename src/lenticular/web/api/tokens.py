"""Tokens for programs."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, delete, get, post
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import JSONBody, Parameter

from lenticular.app.accounts.tokens import GivenToken, NewToken, TokenView, end_token, make_token, tokens
from lenticular.web.api.author import Asker, actor_of
from lenticular.web.api.record import note
from lenticular.web.api.session import of

TokenId = Annotated[str, Parameter(description="The id of a token.")]


class TokensController(Controller):
    """Tokens with which programs ask the admin API."""

    path = "/api/tokens"
    tags = ("Accounts",)
    dependencies = {"actor": Provide(actor_of)}  # noqa: RUF012  # Litestar declares it so

    @get("/", summary="The tokens")
    async def tokens(self, state: State, actor: Asker) -> list[TokenView]:
        """List the tokens of who asks; admins of all sites see everybody's."""
        return await tokens(of(state), actor)

    @post("/", summary="Make a token", status_code=201)
    async def make(
        self, request: Request[Any, Any, Any], state: State, actor: Asker, data: JSONBody[NewToken]
    ) -> GivenToken:
        """Make a token, which is shown this once. It may never do more than who made it."""
        found = await make_token(of(state), actor, data)
        where = "all sites" if data.site == "*" else data.site
        note(request, found.token.name, f"made the token {found.token.name}: {data.role} of {where}")
        return found

    @delete("/{token:str}", summary="End a token", status_code=204)
    async def end(self, request: Request[Any, Any, Any], state: State, actor: Asker, token: TokenId) -> None:
        """End a token; it opens nothing from now on."""
        found = await end_token(of(state), actor, token)
        note(request, found.name, f"ended the token {found.name}")
