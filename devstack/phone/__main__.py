"""`python -m devstack.phone --port P --folder FOLDER`: run the phones until a signal stops them."""

import argparse
import os
from pathlib import Path

import uvicorn

from devstack.phone.keys import Keys
from devstack.phone.store import Store
from devstack.phone.web import create_app


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m devstack.phone",
        description="Takes pushes and text messages for everybody, and issues ID tokens.",
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="where messages and keys lie")
    arguments = parser.parse_args()
    address, keys = f"http://127.0.0.1:{arguments.port}", Keys(arguments.folder)
    keys.write_credentials(address)
    app = create_app(Store(arguments.folder / "phone.sqlite"), keys, address, os.environ["PHONE_SMS_TOKEN"])
    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="warning", timeout_graceful_shutdown=2)


main()
