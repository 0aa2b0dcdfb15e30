"""The completions endpoint: the prompt is made here, and starts with exactly one BOS token."""

import json

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from evalsuite.errors import BackendError

BEGIN = "<|bos|>"
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
    "{% if add_generation_prompt %}[assistant]<think>\n{% endif %}"
)


def checkpoint(folder, *, template=TEMPLATE, adds_begin=True):
    """A folder with a tokenizer of words that puts BOS in front, or does not."""
    tokenizer = Tokenizer(models.WordLevel({BEGIN: 0, "a": 1, "?": 2}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens([BEGIN])
    if adds_begin:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{BEGIN} $A", special_tokens=[(BEGIN, 0)]
        )
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"bos_token": {"content": BEGIN}, "chat_template": template}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return str(folder)


@pytest.mark.parametrize("kind", ["trtllm-serve", "vllm", "sglang", "nim", "openai"])
@pytest.mark.parametrize("adds_begin", [True, False])
@pytest.mark.parametrize("writes", [True, False])
def test_a_prompt_has_exactly_one_bos(kind, adds_begin, writes, tmp_path, serve, opened, ask, draw):
    """From the template, or from the server's tokenizer, and never from both."""
    template = TEMPLATE if writes else TEMPLATE.removeprefix("{{ bos_token }}")
    folder = checkpoint(tmp_path, template=template, adds_begin=adds_begin)
    server = serve(kind)
    (came,) = ask(opened(server, endpoint="completions", tokenizer=folder), draw())
    assert came.text == f"seed {2**62}"
    body = server.asked[0]
    ids = Tokenizer.from_file(f"{folder}/tokenizer.json").encode(
        body["prompt"], add_special_tokens=body.get("add_special_tokens", True)
    )
    assert ids.ids.count(0) == int(writes or adds_begin)
    assert body["prompt"].endswith("[user]How much is 3 + 4?[assistant]<think>\n")


@pytest.mark.parametrize("endpoint", ["chat", "completions"])
def test_a_template_that_opens_the_thinking_is_noted(endpoint, tmp_path, serve, opened, ask, draw):
    """Then the answer begins with thinking, although no tag says so."""
    folder = checkpoint(tmp_path)
    (came,) = ask(opened(serve(), endpoint=endpoint, tokenizer=folder), draw())
    assert came.starts_in_thinking
    (came,) = ask(opened(serve(reasoning="x"), endpoint="chat", tokenizer=folder), draw())
    assert not came.starts_in_thinking


def test_completions_need_a_template(serve, opened, tmp_path):
    """A prompt without the template's marks would be another benchmark."""
    with pytest.raises(BackendError, match="tokenizer"):
        opened(serve(), endpoint="completions")
    with pytest.raises(BackendError, match=r"tokenizer_config\.json"):
        opened(serve(), endpoint="completions", tokenizer=str(tmp_path))
