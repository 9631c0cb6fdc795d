"""The programs on AWS's SDKs, which ./dev setup installs and builds: each answers a line of standard input with the access key that
it used and who that was."""
from conftest import SOURCE

SDK = SOURCE / "tests/interop/sdk"
PROGRAMS = {
    "python": [SOURCE / ".venv/bin/python", SDK / "python_client.py"],
    "go": [SOURCE / "build/sdk/go_client"],
    "js": ["node", SDK / "js/client.js"],
}
