"""The tokenizer: a small byte-level BPE in which every digit is a token of its own."""

from collections.abc import Iterable
from pathlib import Path
from random import Random

from generators import FAMILIES, draw, example
from generators.base import ASSISTANT, BEGIN, CHOICE, END, MATHS, USER
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

VOCABULARY = 768
CONTEXT = 384
# Words with their leading space, runs of signs, runs of newlines, and single digits.
PIECES = r"\d| ?\p{L}+|\n+|[^\p{L}\d\n]+"
# The two instructions are the same in every prompt: one token each keeps prompts short.
INSTRUCTIONS = (CHOICE.partition("\n\n{question}")[0], MATHS.format(question=""))
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
    "{{ '<｜User｜>' + message['content'] }}{% elif message['role'] == 'assistant' %}"
    "{{ '<｜Assistant｜>' + message['content'] + '<｜end▁of▁sentence｜>' }}"
    "{% else %}{{ message['content'] }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<｜Assistant｜><think>\\n' }}{% endif %}"
)


def train_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """A tokenizer fitted to *texts*."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = [
        AddedToken(text, special=True, normalized=False) for text in (END, BEGIN, USER, ASSISTANT)
    ]
    visible = [
        AddedToken(text, special=False, normalized=False)
        for text in ("<think>", "</think>", *INSTRUCTIONS)
    ]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(visible),
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens(visible)
    return tokenizer


def sample_texts(count: int, seed: int) -> Iterable[str]:
    """*count* prompts with completions, all families in turn."""
    rng = Random(seed)
    for index in range(count):
        family = list(FAMILIES)[index % len(FAMILIES)]
        yield "".join(example(rng, draw(rng, family, for_items=False)))


def tokenizer_config() -> dict[str, object]:
    """What stands in `tokenizer_config.json`."""
    return {
        "bos_token": BEGIN,
        "eos_token": END,
        "pad_token": END,
        "add_bos_token": False,
        "add_eos_token": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": CONTEXT,
        "tokenizer_class": "PreTrainedTokenizerFast",
        "chat_template": CHAT_TEMPLATE,
    }


def load_or_train(path: Path) -> Tokenizer:
    """The tokenizer at *path*, made if it is not there."""
    if not path.exists():
        train_tokenizer(sample_texts(60_000, seed=7)).save(str(path))
    return Tokenizer.from_file(str(path))
