-- An attempt may be moved to another machine: `away` says that it is not here now, `moves_json` when it was moved.

ALTER TABLE attempt ADD COLUMN away INTEGER NOT NULL DEFAULT 0 CHECK (away IN (0, 1));
ALTER TABLE attempt ADD COLUMN moves_json TEXT NOT NULL DEFAULT '[]';
DROP INDEX one_runs_at_a_time;
CREATE UNIQUE INDEX one_runs_at_a_time ON attempt (state) WHERE state = 'running' AND away = 0;
