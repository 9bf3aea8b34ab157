"""Whether an address can be reached, found out in seconds: libraries retry for minutes before they say no."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request

from graders.sentences import Sentence, sentence


def reachable(address: str, seconds: float) -> Sentence | None:
    """None when `address` answers at all within `seconds`; otherwise why not, for a person."""
    answer: list[Sentence | None] = []
    # Name look-ups can't be given a time limit, so they get a thread that is left behind.
    threading.Thread(target=lambda: answer.append(_ask(address, seconds)), daemon=True).start()
    deadline = threading.Event()
    for _ in range(max(1, round(seconds / 0.02))):
        if answer:
            return answer[0]
        deadline.wait(0.02)
    return sentence("no answer within {seconds} seconds", seconds=f"{seconds:g}")


def _ask(address: str, seconds: float) -> Sentence | None:
    request = urllib.request.Request(address, method="HEAD")  # noqa: S310  the pack format allows https, http, file
    try:
        with urllib.request.urlopen(request, timeout=seconds):  # noqa: S310
            return None
    except urllib.error.HTTPError:
        return None  # a server that complains can be reached
    except urllib.error.URLError as error:
        said = error.reason.strerror if isinstance(error.reason, OSError) else None
        return sentence("no connection ({why})", why=said or error.reason)
    except (OSError, ValueError) as error:
        return sentence("no connection ({why})", why=error)
