"""The folders that belong to mockexam on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """Where attempts (`data`), what can be made again (`cache`) and settings (`config`) are kept."""

    data: Path
    cache: Path
    config: Path

    @classmethod
    def default(cls) -> Home:
        """The platform's folders, or one folder for all three when MOCKEXAM_HOME names it."""
        override = os.environ.get("MOCKEXAM_HOME")
        if override:
            return cls.under(Path(override).expanduser().absolute())
        from platformdirs import PlatformDirs

        dirs = PlatformDirs("mockexam", appauthor=False)
        return cls(dirs.user_data_path, dirs.user_cache_path, dirs.user_config_path)

    @classmethod
    def under(cls, folder: Path) -> Home:
        """All three below one folder."""
        return cls(folder / "data", folder / "cache", folder / "config")

    @property
    def ledger(self) -> Path:
        """The database of attempts."""
        return self.data / "ledger.sqlite3"

    @property
    def snapshots(self) -> Path:
        """The submitted models, by content."""
        return self.data / "snapshots"

    @property
    def attempts(self) -> Path:
        """A folder for each attempt: enough beside the ledger to rebuild it."""
        return self.data / "attempts"

    @property
    def packs(self) -> Path:
        """Packs installed by the user, a folder each."""
        return self.data / "packs"
