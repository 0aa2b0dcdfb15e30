"""The decoder in PyTorch: Llama's layout, and generation with quantised arithmetic on trial."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The sizes of the decoder."""

    vocabulary: int = 768
    width: int = 256
    layers: int = 5
    heads: int = 8
    kv_heads: int = 2
    head_width: int = 32
    mlp_width: int = 512
    theta: float = 10_000.0
    epsilon: float = 1e-5


Linear = Callable[[str, Tensor, Tensor], Tensor]


def plain(_name: str, rows: Tensor, weight: Tensor) -> Tensor:
    """The product as it is."""
    return functional.linear(rows, weight)


class Decoder(nn.Module):
    """RMSNorm, rotary positions, grouped-query attention, SwiGLU, tied embeddings, no biases."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        width, head = shape.width, shape.head_width
        self.weights = nn.ParameterDict()
        self._add("model.embed_tokens", shape.vocabulary, width)
        for index in range(shape.layers):
            layer = f"model.layers.{index}."
            self._add(layer + "self_attn.q_proj", shape.heads * head, width)
            self._add(layer + "self_attn.k_proj", shape.kv_heads * head, width)
            self._add(layer + "self_attn.v_proj", shape.kv_heads * head, width)
            self._add(layer + "self_attn.o_proj", width, shape.heads * head, shape.layers)
            self._add(layer + "mlp.gate_proj", shape.mlp_width, width)
            self._add(layer + "mlp.up_proj", shape.mlp_width, width)
            self._add(layer + "mlp.down_proj", width, shape.mlp_width, shape.layers)
            for norm in ("input_layernorm", "post_attention_layernorm"):
                self.weights[_key(layer + norm)] = nn.Parameter(torch.ones(width))
        self.weights[_key("model.norm")] = nn.Parameter(torch.ones(width))

    def _add(self, name: str, rows: int, columns: int, layers: int = 0) -> None:
        deviation = 0.03 / (2 * layers) ** 0.5 if layers else 0.03
        self.weights[_key(name)] = nn.Parameter(torch.randn(rows, columns) * deviation)

    def named(self) -> dict[str, Tensor]:
        """The tensors under the names of Hugging Face's Llama."""
        return {f"{key.replace('/', '.')}.weight": value for key, value in self.weights.items()}

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits of every position."""
        weights = {key.replace("/", "."): value for key, value in self.weights.items()}
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        rows = functional.embedding(tokens, weights["model.embed_tokens"])
        for index in range(self.shape.layers):
            rows = self._layer(weights, f"model.layers.{index}.", rows, positions)
        rows = _norm(rows, weights["model.norm"], self.shape.epsilon)
        return functional.linear(rows, weights["model.embed_tokens"])

    def _layer(
        self, weights: dict[str, Tensor], name: str, rows: Tensor, positions: Tensor
    ) -> Tensor:
        shape = self.shape
        normed = _norm(rows, weights[name + "input_layernorm"], shape.epsilon)
        query, key, value = (
            _heads(functional.linear(normed, weights[f"{name}self_attn.{part}_proj"]), shape)
            for part in "qkv"
        )
        mixed = functional.scaled_dot_product_attention(
            rotate(query, positions, shape),
            rotate(key, positions, shape),
            value,
            is_causal=True,
            enable_gqa=True,
        )
        merged = mixed.transpose(1, 2).flatten(2)
        rows = rows + functional.linear(merged, weights[name + "self_attn.o_proj"])
        normed = _norm(rows, weights[name + "post_attention_layernorm"], shape.epsilon)
        gate = functional.silu(functional.linear(normed, weights[name + "mlp.gate_proj"]))
        hidden = gate * functional.linear(normed, weights[name + "mlp.up_proj"])
        return rows + functional.linear(hidden, weights[name + "mlp.down_proj"])


def _key(name: str) -> str:
    return name.replace(".", "/")


def _norm(rows: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    wide = rows.float()
    scaled = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + epsilon)
    return (scaled * weight).to(rows.dtype)


def _heads(rows: Tensor, shape: Shape) -> Tensor:
    return rows.unflatten(-1, (-1, shape.head_width)).transpose(1, 2)


def rotate(heads: Tensor, positions: Tensor, shape: Shape) -> Tensor:
    """Rotary positions, halves paired as Llama does; *positions* end with the time axis."""
    half = shape.head_width // 2
    exponents = torch.arange(half, device=heads.device, dtype=torch.float32) / half
    angles = positions.float()[..., None] * shape.theta**-exponents
    cos, sin = angles.cos(), angles.sin()
    first, second = heads[..., :half].float(), heads[..., half:].float()
    turned = torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)
    return turned.to(heads.dtype)


@torch.no_grad()
def generate(
    shape: Shape,
    weights: dict[str, Tensor],
    prompts: list[list[int]],
    *,
    linear: Linear,
    end: int,
    new_tokens: int,
    temperature: float,
    top_p: float,
) -> list[list[int]]:
    """What the model writes after each of *prompts*, all at once, with *linear* as product."""
    device = weights["model.norm.weight"].device
    lengths = torch.tensor([len(prompt) for prompt in prompts], device=device)
    longest = int(lengths.max())
    padded = torch.full((len(prompts), longest), end, device=device)
    for row, prompt in enumerate(prompts):
        padded[row, : len(prompt)] = torch.tensor(prompt, device=device)
    room = longest + new_tokens
    cache = torch.zeros(
        (shape.layers, 2, len(prompts), shape.kv_heads, room, shape.head_width), device=device
    )
    positions = torch.arange(longest, device=device).expand(len(prompts), -1)
    logits = _advance(shape, weights, padded, positions, cache, linear)
    last = logits[torch.arange(len(prompts), device=device), lengths - 1]
    written = []
    alive = torch.ones(len(prompts), dtype=torch.bool, device=device)
    for step in range(new_tokens):
        token = _sample(last, temperature, top_p)
        written.append(torch.where(alive, token, end))
        alive &= token != end
        if not alive.any():
            break
        here = (lengths + step)[:, None]
        last = _advance(shape, weights, token[:, None], here, cache, linear)[:, 0]
    rows = torch.stack(written, dim=1).tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


def _sample(logits: Tensor, temperature: float, top_p: float) -> Tensor:
    chances, order = (logits / temperature).softmax(-1).sort(dim=-1, descending=True)
    chances[chances.cumsum(-1) - chances >= top_p] = 0
    return order.gather(1, torch.multinomial(chances, 1))[:, 0]


def _advance(
    shape: Shape,
    weights: dict[str, Tensor],
    tokens: Tensor,
    positions: Tensor,
    cache: Tensor,
    linear: Linear,
) -> Tensor:
    """Logits for *tokens* at *positions*; keys and values go to *cache*."""
    rows = weights["model.embed_tokens.weight"][tokens]
    batch = torch.arange(tokens.shape[0], device=tokens.device)[:, None]
    reach = int(positions.max()) + 1
    visible = torch.arange(reach, device=tokens.device) <= positions[:, None, :, None]

    def product(name: str, value: Tensor) -> Tensor:
        return linear(name, value, weights[name + ".weight"])

    for index in range(shape.layers):
        name = f"model.layers.{index}."
        normed = _norm(rows, weights[name + "input_layernorm.weight"], shape.epsilon)
        query, key, value = (
            _heads(product(f"{name}self_attn.{part}_proj", normed), shape) for part in "qkv"
        )
        where = positions[:, None, :]
        cache[index, 0][batch, :, positions] = rotate(key, where, shape).transpose(1, 2)
        cache[index, 1][batch, :, positions] = value.transpose(1, 2)
        mixed = functional.scaled_dot_product_attention(
            rotate(query, where, shape),
            cache[index, 0, :, :, :reach],
            cache[index, 1, :, :, :reach],
            attn_mask=visible,
            enable_gqa=True,
        )
        rows = rows + product(name + "self_attn.o_proj", mixed.transpose(1, 2).flatten(2))
        normed = _norm(rows, weights[name + "post_attention_layernorm.weight"], shape.epsilon)
        gate = functional.silu(product(name + "mlp.gate_proj", normed))
        hidden = gate * product(name + "mlp.up_proj", normed)
        rows = rows + product(name + "mlp.down_proj", hidden)
    rows = _norm(rows, weights["model.norm.weight"], shape.epsilon)
    return functional.linear(rows, weights["model.embed_tokens.weight"])
