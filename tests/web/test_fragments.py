"""What is kept of what was drawn is little, and is there or not for each thread alike."""

from app.web.fragments import Kept


def test_the_longest_known_are_forgotten() -> None:
    kept: Kept[int, str] = Kept(10)
    for number in range(100):
        kept.learn({number: str(number)})
    found = kept.known(range(100))
    assert found[99] == "99" and 0 not in found
    assert len(found) <= 11


def test_what_another_thread_forgets_meanwhile_is_not_known() -> None:
    kept: Kept[object, str] = Kept(10)

    class Slippery:
        """Whoever looks for it a second time finds that all was forgotten."""

        looks = 0

        def __hash__(self) -> int:
            self.looks += 1
            if self.looks > 2:
                kept._known.clear()
            return 1

        def __eq__(self, other: object) -> bool:
            return self is other

    key = Slippery()
    kept.learn({key: "here"})
    assert kept.known([key]) in ({key: "here"}, {})
