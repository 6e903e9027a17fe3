"""A bare ASGI function to compare the mock with: one fixed JSON body, the same uvicorn settings."""

from typing import Any

from mockaxle.serving.listener import base_url, http_server, open_socket, spare_the_collector

BODY = b'{"id":"5f0c1b9e-3d4a-4c55-9f27-0a6b1de2c7a1","mpan":"1000000000012","postcode":"M1 1AE","dispatch_methods":[]}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]


async def bare(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


if __name__ == "__main__":
    with open_socket("127.0.0.1", 0) as listening:
        print(base_url(listening), flush=True)
        spare_the_collector()
        http_server(bare).run(sockets=[listening])
