"""Fetches the page's files of swagger-ui-dist into swagger-ui/: python third_party/fetch_swagger_ui.py

A new version is taken by changing VERSION and the digests, which the error names.
"""

import subprocess
import sys
import tarfile
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

VERSION = "5.35.0"
DIGESTS = {
    "swagger-ui-bundle.js": "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
    "swagger-ui.css": "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d",
    "LICENSE": "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30",
    "NOTICE": "0d20d1adef18aee3f40dd258172155521ce702ac445cb5f7b7d60ed32dad2fb2",
    "swagger-ui-bundle.js.LICENSE.txt": "37eb6e7e59aed57b2c1acf076574b818ea07b74265717e0bd67b59e0baf9abbb",
}
"""The SHA-256 of each file: the two that are served, and their licences."""
TARGET = Path(__file__).with_name("swagger-ui")


def main() -> None:
    with TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, f"swagger-ui-dist@{VERSION}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        files = _unpacked(Path(folder, f"swagger-ui-dist-{VERSION}.tgz"))
    wrong = [f"{name} is {sha256(data).hexdigest()}" for name, data in files.items() if not is_pinned(name, data)]
    if wrong:
        sys.exit(f"swagger-ui-dist {VERSION} has other digests than DIGESTS: {'; '.join(wrong)}")
    TARGET.mkdir(exist_ok=True)
    for name, data in files.items():
        (TARGET / name).write_bytes(data)
    print(f"{TARGET}: {len(files)} files of swagger-ui-dist {VERSION}")


def is_pinned(name: str, data: bytes) -> bool:
    return DIGESTS.get(name) == sha256(data).hexdigest()


def _unpacked(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as packed:
        members = {name: packed.extractfile(f"package/{name}") for name in DIGESTS}
        return {name: member.read() for name, member in members.items() if member}


if __name__ == "__main__":
    main()
