"""Collections whose order says nothing."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Part = TypeVar("Part")


def same_in_any_order(
    gold: Sequence[Part], answer: Sequence[Part], same: Callable[[Part, Part], bool]
) -> bool:
    """Whether each of *gold* has a partner of its own in *answer*, and none is left over."""
    if len(gold) != len(answer):
        return False
    left = list(answer)
    for one in gold:
        partner = next((other for other in left if same(one, other)), None)
        if partner is None:
            return False
        left.remove(partner)
    return True
