"""The process that does algebra: reads pairs as JSON lines, writes whether they are equal.

Run as `python -m evalsuite.grading.worker MEMORY_MB TIMEOUT_S`. It may hang or die on any line; its
parent kills it at a limit and starts another. Should the parent be gone, an alarm ends it. Nothing
it reads is ever evaluated as code.
"""

import json
import resource
import signal
import sys
from typing import Any

DIGITS = 60
# The alarm is the parent's limit and so much more.
GRACE_S = 5.0
POINTS = (0.7390851332, 1.6180339887, 2.2360679775)


def main() -> None:
    """Answer each line of stdin; ends with it, or where memory does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    memory, limit_s = int(sys.argv[1]) * 2**20, float(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    sys.setrecursionlimit(3000)
    from math_verify import parse, verify

    _say("ready")
    for line in sys.stdin:
        gold, answer = json.loads(line)
        # The alarm's default is to end the process, whatever C call it is in.
        signal.setitimer(signal.ITIMER_REAL, limit_s + GRACE_S)
        try:
            same = _equal(gold, answer, parse, verify)
        except MemoryError:
            sys.exit(1)
        except Exception:  # noqa: BLE001 - any failure to understand means not shown equal
            same = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        _say(json.dumps(same))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _equal(gold: str, answer: str, parse: Any, verify: Any) -> bool:
    # As LaTeX only: without the signs the parser takes the last number that it finds.
    wanted, given = (
        parse(f"${text}$", parsing_timeout=None, raise_on_error=False) for text in (gold, answer)
    )
    if not wanted or not given:
        return False
    if not verify(wanted, given, timeout_seconds=None, raise_on_error=False):
        return False
    return _confirmed(wanted[0], given[0])


def _confirmed(wanted: Any, given: Any) -> bool:
    """Guards against verify's rounding to six places: expressions must agree to 40 digits.

    What is no expression (a set, a tuple, a matrix, an equation) verify compares by parts of it.
    """
    from sympy import Expr, MatrixBase, MatrixExpr, N

    both = [one.doit() if isinstance(one, Expr) else one for one in (wanted, given)]
    whole = all(
        isinstance(one, Expr) and not isinstance(one, (MatrixBase, MatrixExpr)) for one in both
    )
    if not whole or both[0].free_symbols != both[1].free_symbols:
        return False
    symbols = sorted(both[0].free_symbols, key=str)
    places = dict(zip(symbols, POINTS * 4, strict=False))
    values = [N(one.subs(places), DIGITS) for one in both]
    if not all(value.is_number and value.is_finite for value in values):
        return False
    size = max(abs(values[0]), abs(values[1]))
    return bool(size == 0 or abs(values[0] - values[1]) <= size * 10 ** -(12 if places else 40))


if __name__ == "__main__":
    main()
