"""Rows of public data sets from the Hugging Face hub or its local cache.

A commit that is in the cache is read without asking the hub. Otherwise one short request finds
out whether the hub can be reached and the data set may be read, because `datasets` alone would
retry for half a minute and then fall back to whatever revision is cached.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, cast

from evalsuite.errors import DataError
from evalsuite.questions.rows import Row, Rows
from evalsuite.questions.tasks import TaskSpec

if TYPE_CHECKING:
    import datasets

TIMEOUT_S = 10.0
_COMMIT = re.compile(r"[0-9a-f]{40}")


def read_public(spec: TaskSpec, *, revision: str) -> Rows:
    """The rows of the public data set of *spec* at *revision* (a commit, branch or tag).

    Raises:
        DataError: it is gated, unknown or cannot be reached; the message says what to do.
    """
    with _hub_errors(spec, revision):
        commit = revision if _COMMIT.fullmatch(revision) else _reach(spec, revision)
        data = _cached(spec, commit) or _download(spec, _reach(spec, commit))
        rows = cast("list[Row]", data.to_list())
    place = f"{spec.source} at {commit[:10]}"
    return Rows(rows=rows, source=spec.source, place=place, revision=commit)


def availability(spec: TaskSpec) -> Literal["cached", "reachable"]:
    """How `read_public` would come by the rows of the pinned revision; downloads nothing.

    Raises:
        DataError: as `read_public` would.
    """
    with _hub_errors(spec, spec.revision):
        if _COMMIT.fullmatch(spec.revision) and _cached(spec, spec.revision):
            return "cached"
        _reach(spec, spec.revision)
        return "reachable"


def _reach(spec: TaskSpec, revision: str) -> str:
    """The commit behind *revision*, once it is sure that the data set may be read."""
    from huggingface_hub import HfApi

    api = HfApi()
    info = api.dataset_info(spec.dataset, revision=revision, timeout=TIMEOUT_S)
    if info.gated:
        api.auth_check(spec.dataset, repo_type="dataset")
    assert info.sha is not None
    return info.sha


def _cached(spec: TaskSpec, commit: str) -> "datasets.Dataset | None":
    """The split as an earlier download left it, None if there is none of this commit."""
    from datasets.packaged_modules.cache.cache import Cache

    try:
        builder = Cache(
            repo_id=spec.dataset,
            dataset_name=spec.dataset.rpartition("/")[2],
            config_name=spec.dataset_config or "default",
            version="0.0.0",
            hash=commit,
        )
        return cast("datasets.Dataset", builder.as_dataset(split=spec.split))
    except (ValueError, OSError):
        return None


def _download(spec: TaskSpec, commit: str) -> "datasets.Dataset":
    import datasets

    data = datasets.load_dataset(
        spec.dataset, spec.dataset_config, split=spec.split, revision=commit
    )
    return cast("datasets.Dataset", data)


@contextmanager
def _hub_errors(spec: TaskSpec, revision: str) -> Iterator[None]:
    """Say what each of the hub libraries' errors means and what to do."""
    from datasets.exceptions import DatasetsError
    from huggingface_hub import errors as hub

    page = f"https://huggingface.co/datasets/{spec.dataset}"
    instead = "or give its rows as a file (`data:` in the configuration, `--data FILE`)"
    try:
        yield
    except hub.GatedRepoError as error:
        raise DataError(
            f"{spec.dataset} is gated and this machine may not read it. Accept the licence at "
            f"{page}, create a token at https://huggingface.co/settings/tokens and set HF_TOKEN, "
            f"{instead}."
        ) from error
    except hub.RevisionNotFoundError as error:
        raise DataError(
            f"{spec.dataset} has no revision {revision!r}; see {page}/commits/main for those "
            "there are."
        ) from error
    except hub.RepositoryNotFoundError as error:
        raise DataError(
            f"{spec.dataset} does not exist on the hub or needs a login. Look at {page}; if it is "
            f"there, set HF_TOKEN, {instead}."
        ) from error
    except (DatasetsError, ValueError) as error:
        raise DataError(f"{spec.source} cannot be loaded: {error} See {page}.") from error
    except (hub.HTTPError, OSError) as error:  # type: ignore[attr-defined] # httpx or httpx2: the hub library chooses
        raise DataError(
            f"{spec.dataset} cannot be fetched from the Hugging Face hub "
            f"({str(error).partition(chr(10))[0]}). Check the network and HF_HUB_OFFLINE (a gated "
            "data set also needs an accepted licence and HF_TOKEN), or load it once where there "
            f"is a network and copy ~/.cache/huggingface, {instead}."
        ) from error
