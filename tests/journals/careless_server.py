"""A server that answers before its rows are kept, which the check has to find."""

import time

from mockaxle.cli.main import main
from mockaxle.journals.rows import Batch
from mockaxle.journals.sqlite_file import SqliteFile
from mockaxle.serving.journalled_worlds import JournalledWorlds

APPEND = SqliteFile.append


def append_late(self: SqliteFile, batch: Batch) -> tuple[str, ...]:
    """Keep rows so late that a kill finds some that were answered and are not kept."""
    time.sleep(0.3)
    return APPEND(self, batch)


if __name__ == "__main__":
    SqliteFile.append = append_late  # type: ignore[method-assign]
    JournalledWorlds.change = lambda self, world: None  # type: ignore[method-assign]
    main()
