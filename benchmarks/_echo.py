"""The least that a server in Python does: uvicorn, one decode, one encode. `python -m benchmarks._echo FILE`."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import msgspec
import uvicorn
import uvloop

from lenticular.app.decide import DecideRequest
from lenticular.decide.decision import Decision
from lenticular.web.asgi import Receive, Scope, Send


def _main(answer: Decision) -> None:
    decode, encode = msgspec.json.Decoder(DecideRequest).decode, msgspec.json.Encoder().encode

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        decode((await receive())["body"])
        body = encode(answer)
        length = b"%d" % len(body)
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        config = uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False, server_header=False)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(uvicorn.Server(config).serve(sockets=[listening]))


if __name__ == "__main__":
    _main(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Decision))
