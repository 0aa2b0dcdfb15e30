"""A queue that changes while it is worked off."""

from evalsuite.model import Key, Request
from evalsuite.runs.feed import Feed


def keys(*numbers):
    return {Key("gsm8k", f"q{number}", 0) for number in numbers}


def feed(lab, stored=()):
    """A feed that gives the keys of each part in their order."""

    def queue(part):
        for key in sorted(part):
            yield Request(key=key, messages=(), sampling=lab.SAMPLING, seed=0)

    return Feed(queue, keys(*stored))


def drawn(queue):
    """The numbers of all requests that it has for now."""
    return [int(request.key.question[1:]) for request in iter(queue.__next__, None)]


def test_parts_come_in_their_order_and_none_twice(lab):
    queue = feed(lab, stored=[2])
    assert drawn(queue) == []
    queue.want([keys(5, 6), keys(1, 2, 5)])
    assert drawn(queue) == [5, 6, 1]
    queue.want([keys(1, 5, 7)])
    assert drawn(queue) == [7]


def test_what_was_not_drawn_yet_makes_room(lab):
    queue = feed(lab)
    queue.want([keys(1, 2, 3)])
    assert next(queue).key == Key("gsm8k", "q1", 0)
    queue.want([keys(9), keys(3)])
    assert drawn(queue) == [9, 3]


def test_failed_keys_are_given_again_where_they_are_wanted(lab):
    queue = feed(lab)
    queue.want([keys(1, 2)])
    assert drawn(queue) == [1, 2]
    queue.again(keys(1, 4))
    assert drawn(queue) == []
    queue.want([keys(1, 2)])
    assert drawn(queue) == [1]


def test_it_ends_after_what_is_wanted(lab):
    queue = feed(lab)
    queue.want([keys(1, 2)])
    queue.end()
    assert [request.key for request in queue] == sorted(keys(1, 2))
