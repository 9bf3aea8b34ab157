-- Instants are ISO 8601 texts in UTC; columns named *_json hold msgspec structs.

CREATE TABLE counter (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
);
INSERT INTO counter VALUES (1, 0);

CREATE TABLE attempt (
    id TEXT PRIMARY KEY,
    candidate TEXT NOT NULL,
    project TEXT NOT NULL,
    pack_id TEXT NOT NULL,
    pack_version TEXT NOT NULL,
    pack_digest TEXT NOT NULL,
    seed INTEGER NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('provisioning', 'ready', 'running', 'ended')),
    rules_json TEXT NOT NULL,
    created_at TEXT NOT NULL,
    started_at TEXT,
    deadline TEXT,
    ended_at TEXT,
    end_reason TEXT CHECK (end_reason IN ('candidate', 'time')),
    anchor_json TEXT,
    seen_at TEXT,
    wall_shift REAL NOT NULL DEFAULT 0,
    result_json TEXT,
    CHECK (state NOT IN ('running', 'ended') OR (started_at IS NOT NULL AND deadline IS NOT NULL AND anchor_json IS NOT NULL)),
    CHECK ((state = 'ended') = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX one_runs_at_a_time ON attempt (state) WHERE state = 'running';

CREATE TABLE problem (
    attempt_id TEXT NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
    category INTEGER NOT NULL,
    problem_id TEXT NOT NULL,
    title TEXT NOT NULL,
    grading_key TEXT NOT NULL,
    seconds REAL NOT NULL DEFAULT 0,
    task_json TEXT,
    PRIMARY KEY (attempt_id, category)
);

CREATE TABLE submission (
    id TEXT PRIMARY KEY,
    attempt_id TEXT NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
    category INTEGER NOT NULL,
    number INTEGER NOT NULL,
    pressed_at TEXT NOT NULL,
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('recorded', 'grading', 'done')),
    claim TEXT,
    verdict_json TEXT,
    graded_at TEXT,
    UNIQUE (attempt_id, category, number),
    FOREIGN KEY (attempt_id, category) REFERENCES problem (attempt_id, category),
    CHECK ((state = 'done') = (verdict_json IS NOT NULL))
);
CREATE INDEX submission_waiting ON submission (state) WHERE state != 'done';

-- A press whose file is still being copied: the result waits for it.
CREATE TABLE press (
    id INTEGER PRIMARY KEY,
    attempt_id TEXT NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
    claim TEXT NOT NULL
);

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    attempt_id TEXT NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX event_of_attempt ON event (attempt_id, id);
