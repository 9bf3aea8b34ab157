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
    def folder(self) -> Path | None:
        """The one folder for all three, as MOCKEXAM_HOME names it; None for the platform's folders."""
        folder = self.data.parent
        return folder if Home.under(folder) == self else None

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
    def marks(self) -> tuple[Path, Path]:
        """How far attempts had come, in two places, so that restoring one from a backup does not turn time back."""
        return self.data / "marks.json", self.config / "marks.json"

    @property
    def settings(self) -> Path:
        """The file of what this user has chosen."""
        return self.config / "settings.json"

    @property
    def signing_key(self) -> Path:
        """This user's key for signatures, made on first use."""
        return self.data / "signing-key"

    @property
    def packs(self) -> Path:
        """Packs installed by the user, a folder each."""
        return self.data / "packs"
