"""`python -m devstack.razorpay --port 8931`: the Razorpay sandbox as a process of its own."""

import argparse
import os

import uvicorn

from devstack.razorpay.app import create_app
from devstack.razorpay.config import Config


def main() -> None:
    """Serve until a signal stops it; everything but the address comes from the environment."""
    parser = argparse.ArgumentParser(prog="python -m devstack.razorpay", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8931)
    chosen = parser.parse_args()
    uvicorn.run(
        create_app(Config.from_environment(os.environ)),
        host=chosen.host,
        port=chosen.port,
        access_log=False,
        log_level="warning",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
