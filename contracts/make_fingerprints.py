"""Writes axle-1.4.6.fingerprints.json from the vendor's document: python contracts/make_fingerprints.py DOCUMENT"""

import json
import sys
from pathlib import Path

from mockaxle.fingerprints import fingerprints

TARGET = Path(__file__).with_name("axle-1.4.6.fingerprints.json")


def main(source: Path) -> None:
    made = fingerprints(json.loads(source.read_text(encoding="utf-8")))
    TARGET.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{TARGET}: {len(made['operations'])} operations, {len(made['components'])} components")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
