from __future__ import annotations

import os
import subprocess
import sys

from mockexam.store import leases

BOOT = "boot-1"
CLAIM = "import sys; from mockexam.store import leases; print(leases.claim('boot-1'), flush=True); sys.stdin.read()"


def test_a_claim_lives_until_it_is_released() -> None:
    mine = leases.claim(BOOT)
    assert leases.is_live(mine, BOOT)
    leases.release(mine)
    assert not leases.is_live(mine, BOOT)


def test_a_claim_dies_with_its_process() -> None:
    with subprocess.Popen([sys.executable, "-c", CLAIM], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        claim = other.stdout.readline().decode().strip()
        assert leases.is_live(claim, BOOT)
        other.kill()
        # Not yet waited for: a zombie grades nothing any more.
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert not leases.is_live(claim, BOOT)
    assert not leases.is_live(claim, BOOT)


def test_a_process_id_used_again_is_not_taken_for_the_old_one() -> None:
    mine = leases.claim(BOOT)
    parent = f"{BOOT}:{os.getppid()}:1:{mine.rpartition(':')[2]}"
    assert not leases.is_live(parent, BOOT)
    leases.release(mine)


def test_no_claim_outlives_a_reboot() -> None:
    mine = leases.claim(BOOT)
    assert not leases.is_live(mine, "boot-2")
    leases.release(mine)
