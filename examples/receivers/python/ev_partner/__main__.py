"""Serve the app: AXLE_SECRET=... python -m ev_partner --port 9000"""

import argparse
import contextlib
import logging
import os
import socket
import sys

import uvicorn

from ev_partner.app import create_app
from ev_partner.settings import settings_from


def main() -> None:
    """Listen on a port of this machine until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="ev_partner", description="A small partner app that follows Axle's messages.")
    parser.add_argument("--port", type=int, default=9000, help="port to listen on; 0 chooses a free one")
    port = parser.parse_args().port
    if not os.environ.get("AXLE_SECRET"):
        sys.exit("Set AXLE_SECRET to the secret of the receiver.")
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    app = create_app(settings_from(os.environ))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    with socket.create_server(("127.0.0.1", port)) as listener, contextlib.suppress(KeyboardInterrupt):
        print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        server.run(sockets=[listener])


if __name__ == "__main__":
    main()
