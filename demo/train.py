"""Train the embedded model; one GPU, a few minutes. See README.md for the commands."""

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import torch
from generators import draw, example
from network import Decoder, Shape
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch.nn import functional
from trial import accuracies
from vocabulary import load_or_train

HERE = Path(__file__).parent
SHARES = {
    "mmlu": 0.20,
    "gsm8k": 0.10,
    "aime_2024": 0.22,
    "gpqa_diamond": 0.22,
    "math_500": 0.18,
    "drill": 0.08,
}
LENGTHS = (96, 144, 208, 336)
TOKENS_PER_BATCH = 73_728
LETTER_WEIGHT = 4.0

Arrays = dict[int, tuple[np.ndarray, np.ndarray]]


def main() -> None:
    """Make data, train for the given time, measure, save."""
    args = _arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer = load_or_train(HERE / "tokenizer.json")
    began = time.time()
    data = _data(args.examples)
    print(
        f"data: {time.time() - began:.0f} s, "
        + ", ".join(f"{k}: {len(v[1])}" for k, v in data.items())
    )
    torch.manual_seed(20250120)
    model = Decoder(
        shape := Shape(
            width=args.width, layers=args.layers, heads=args.width // 32, mlp_width=args.mlp
        )
    ).cuda()
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    _train(model, data, seconds=args.seconds, peak=args.learning_rate)
    weights = {k: v.detach().to(torch.bfloat16) for k, v in model.named().items()}
    save_file({k: v.cpu().contiguous() for k, v in weights.items()}, args.out / "model.safetensors")
    wide = {k: v.float() for k, v in weights.items()}
    torch.backends.cuda.matmul.allow_tf32 = False
    measured = accuracies(shape, wide, tokenizer, questions=args.questions, seed=5)
    (args.out / "accuracies.json").write_text(json.dumps(measured, indent=1))
    for name, row in measured.items():
        print(f"{name:10}", *(f"{family} {value:5.1f}" for family, value in row.items()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=270)
    parser.add_argument("--examples", type=int, default=3_000_000)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=5)
    parser.add_argument("--mlp", type=int, default=512)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def _data(count: int) -> Arrays:
    """Training examples as padded token rows with the lengths of their prompts."""
    workers = os.cpu_count() or 1
    jobs = [(seed, count // (workers * 4)) for seed in range(1000, 1000 + workers * 4)]
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        parts = pool.map(_part, jobs, chunksize=1)
    return {
        length: tuple(np.concatenate([part[length][side] for part in parts]) for side in (0, 1))
        for length in LENGTHS
    }  # type: ignore[return-value]


def _part(job: tuple[int, int]) -> Arrays:
    seed, count = job
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    rng = Random(seed)
    tokenizer = Tokenizer.from_file(str(HERE / "tokenizer.json"))
    families = rng.choices(list(SHARES), weights=list(SHARES.values()), k=count)
    pairs = [example(rng, draw(rng, family, for_items=False)) for family in families]
    prompts = tokenizer.encode_batch_fast([p for p, _ in pairs], add_special_tokens=False)
    answers = tokenizer.encode_batch_fast([c for _, c in pairs], add_special_tokens=False)
    rows: dict[int, list[list[int]]] = {length: [] for length in LENGTHS}
    starts: dict[int, list[int]] = {length: [] for length in LENGTHS}
    for prompt, answer in zip(prompts, answers, strict=True):
        ids = prompt.ids + answer.ids
        length = next(length for length in LENGTHS if length + 1 >= len(ids))
        rows[length].append(ids + [-1] * (length + 1 - len(ids)))
        starts[length].append(len(prompt.ids))
    return {
        length: (
            np.array(rows[length], dtype=np.int16).reshape(-1, length + 1),
            np.array(starts[length], dtype=np.int16),
        )
        for length in LENGTHS
    }


def _batches(data: Arrays, rng: np.random.Generator) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Rows and prompt lengths for ever, each length as often as it has tokens."""
    stored = {
        length: (torch.from_numpy(rows).cuda(), torch.from_numpy(starts).cuda())
        for length, (rows, starts) in data.items()
    }
    while True:
        plan = []
        for length, (_, starts) in stored.items():
            size = TOKENS_PER_BATCH // length
            order = torch.randperm(len(starts), device="cuda")
            plan += [
                (length, order[at : at + size]) for at in range(0, len(order) - size + 1, size)
            ]
        for index in rng.permutation(len(plan)):
            length, chosen = plan[index]
            rows, starts = stored[length]
            yield rows[chosen].long(), starts[chosen].long()


def _loss(model: torch.nn.Module, rows: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
    """Cross entropy on the completions."""
    inputs, targets = rows[:, :-1].clamp(min=0), rows[:, 1:]
    places = torch.arange(targets.shape[1], device=rows.device)
    learnt = (places[None] >= starts[:, None] - 1) & (targets >= 0)
    with torch.autocast("cuda", torch.bfloat16):
        logits = model(inputs)
    wanted = targets.clamp(min=0)
    each = functional.cross_entropy(
        logits.flatten(0, 1).float(), wanted.flatten(), reduction="none"
    )
    # The letter of a choice is one token of eighty and learnt last; it stands before the end.
    final = functional.pad(targets[:, 1:] == 0, (0, 1)) & learnt
    weight = torch.where(final, LETTER_WEIGHT, learnt.float())
    return (each.view_as(weight) * weight).sum() / weight.sum()


def _train(model: Decoder, data: Arrays, *, seconds: float, peak: float) -> None:
    """AdamW; the learning rate falls to nothing over the time given."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=peak, betas=(0.9, 0.98), fused=True)
    loss_of = torch.compile(_loss, dynamic=False)
    batches = _batches(data, np.random.default_rng(0))
    began, step, shown = time.time(), 0, 0.0
    for length in LENGTHS:
        rows = torch.from_numpy(data[length][0][: TOKENS_PER_BATCH // length]).cuda().long()
        starts = torch.from_numpy(data[length][1][: len(rows)]).cuda().long()
        loss_of(model, rows, starts).backward()
    model.zero_grad(set_to_none=True)
    torch.cuda.synchronize()
    print(f"compiled in {time.time() - began:.0f} s", flush=True)
    began = time.time()
    while (done := (time.time() - began) / seconds) < 1:
        rate = peak * min(1.0, (step + 1) / 300) * (1 - done)
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = loss_of(model, *next(batches))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        step += 1
        if step % 50 == 0:
            torch.cuda.synchronize()
        if done >= shown:
            print(
                f"{time.time() - began:.0f} s step {step} loss {loss.item():.4f} rate {rate:.2e}",
                flush=True,
            )
            shown += 0.05
    print(f"{step} steps in {time.time() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
