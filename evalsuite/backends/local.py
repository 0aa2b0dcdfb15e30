"""A checkpoint on this machine as an engine in this process needs it: prompt, ids, what it is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalsuite.backends.chat_template import ChatTemplate
from evalsuite.backends.checkpoint import inspect
from evalsuite.errors import BackendError
from evalsuite.model import Message

FAMILY = {"fp4": "nvfp4"}


class LocalModel:
    """The checkpoint *name*: a folder, or the id of a model in the Hugging Face cache.

    Args:
        name: the folder or the id.
        revision: the revision of an id; a folder has none.
        template: variables for the chat template.

    Raises:
        BackendError: it is not there, or holds no tokenizer or no chat template.
    """

    def __init__(
        self, name: str, *, revision: str = "", template: Mapping[str, Any] | None = None
    ) -> None:
        from tokenizers import Tokenizer

        self.name = name
        self.folder = find(name, revision=revision)
        self._template = ChatTemplate(self.folder, template)
        file = self.folder / "tokenizer.json"
        try:
            self._tokenizer = Tokenizer.from_file(str(file))
        except Exception as error:  # the library raises nothing narrower
            raise BackendError(f"{file}: cannot be read: {error}") from error
        # A tokenizer.json may hold these, and they would cut or fill the prompt without a word.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def check(self, precision: str) -> None:
        """Refuse an arm that claims another *precision* than the tensors have.

        Raises:
            BackendError: it does.
            DataError: a file of the checkpoint is missing or damaged.
        """
        found = inspect(self.folder)
        if FAMILY.get(precision.lower(), precision.lower()) != found.precision:
            raise BackendError(
                f"The arm says precision {precision!r} but the tensors in {self.folder} are "
                f"{found.precision!r}. Correct the arm, or see `evalsuite inspect {self.folder}`."
            )

    def prompt(self, messages: Sequence[Message]) -> str:
        """*messages* by the chat template."""
        return self._template.render(messages)

    def ids(self, prompt: str) -> list[int]:
        """The token ids of *prompt*.

        The template has written the begin token; a second one would change the answers.
        """
        return list(self._tokenizer.encode(prompt, add_special_tokens=False).ids)


def find(name: str, *, revision: str = "") -> Path:
    """The folder of checkpoint *name*; nothing is downloaded.

    Raises:
        BackendError: it is neither a folder nor in the cache.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        if revision:
            raise BackendError(f"{name}: is a folder; options.revision is for model ids.")
        return folder
    if folder.is_absolute() or name.startswith((".", "~")):
        raise BackendError(
            f"{name}: is no folder here. Name a checkpoint's folder, or a model id such as "
            "nvidia/DeepSeek-R1-FP4 that was downloaded (hf download)."
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, revision=revision or None, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError, OSError) as error:
        with_revision = f" --revision {revision}" if revision else ""
        raise BackendError(
            f"{name}: is no folder here, and no model of that id is in the Hugging Face cache. "
            f"Download it first: hf download {name}{with_revision}"
        ) from error
