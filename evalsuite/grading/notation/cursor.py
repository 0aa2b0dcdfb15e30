"""A cursor over tokens."""

from evalsuite.grading.notation.tokens import Token

DEEPEST = 60
END = Token("end", "")


class Unreadable(Exception):  # noqa: N818 - it says what the text is
    """The text is no mathematics that this parser knows."""


class Cursor:
    """A place in a list of tokens, and how deep in brackets and arguments it is."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0

    @property
    def here(self) -> Token:
        """The token at the cursor."""
        return self._tokens[self._at] if self._at < len(self._tokens) else END

    def ahead(self, steps: int = 1) -> Token:
        """The token *steps* behind the cursor."""
        return self._tokens[self._at + steps] if self._at + steps < len(self._tokens) else END

    def take(self) -> Token:
        """The token at the cursor, which moves on."""
        token = self.here
        self._at += 1
        return token

    def skip(self, *texts: str) -> bool:
        """Move over the token at the cursor if it is one of *texts*."""
        if self.here.text in texts and self.here.kind not in ("words", "end"):
            self._at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Move over *text*, which must be at the cursor."""
        if not self.skip(text):
            raise Unreadable(text)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unreadable("too deep")
