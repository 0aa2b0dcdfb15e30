"""A `Design` as the terminal shows it."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evalsuite.cli.terminal import console
from evalsuite.comparison.design import Cost, Design, Option, Premise, Reach

READS = {
    "equivalent": "holds (equivalent)",
    "non-inferior": "holds (non-inferior)",
    "inferior": "worse (inferior)",
    "inconclusive": "undecided",
}


def show_design(design: Design) -> None:
    """Print *design* on stdout."""
    console().print(design_view(design))


def design_view(design: Design) -> RenderableType:
    """The plan, what it stands on, what other plans could decide, and the lines for the config."""
    return Group(
        *_head(design),
        Text(),
        _planned(design),
        Text(),
        _premises(design),
        Text(),
        _others(design),
        *_card(design),
        Text(),
        *_lines(design),
    )


def _head(design: Design) -> Iterator[Text]:
    goal = "each benchmark" if design.goal == "each" else "the mean of all benchmarks"
    yield Text.assemble(
        (design.experiment, "bold"),
        f"  decides {goal} with power {design.power:g} at a one-sided error of {design.alpha:g}",
    )
    if design.budget:
        amount = (
            f"{design.budget.amount:.3g} h"
            if design.budget.unit == "hours"
            else _tokens(design.budget.amount)
        )
        yield Text(f"as far as {amount} of engine time reach; power is what that pays for")
    arms = ", ".join(
        f"{one.arm} {one.tokens_per_s:,.0f} tok/s ({one.source})"
        if one.tokens_per_s
        else f"{one.arm} (speed unknown: --tokens-per-second)"
        for one in design.arms
    )
    yield Text(f"arms: {arms}", "dim")


def _planned(design: Design) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(Text())
    for title in ("margin", "questions × repeats", "tokens", "hours", "detects", "power"):
        table.add_column(Text(title), justify="right", no_wrap=True)
    for premise, reach in zip(design.premises, design.planned.tasks, strict=True):
        table.add_row(
            *map(
                Text,
                (
                    premise.title,
                    f"−{premise.margin.pp:g}",
                    f"{reach.questions:,} × {reach.repeats}",
                    _tokens(reach.cost.tokens),
                    _hours(reach.cost.hours),
                    _points(reach.detectable),
                    f"{reach.power:.2f}",
                ),
            )
        )
    macro, cost = design.planned.macro, design.planned.cost
    cells = (
        "mean of all",
        f"−{design.macro_margin.pp:g}",
        "",
        _tokens(cost.tokens),
        _hours(cost.hours),
        _points(macro.detectable),
        f"{macro.power:.2f}",
    )
    table.add_section()
    table.add_row(*map(Text, cells), style="bold")
    if cost.left_tokens < cost.tokens:
        cells = ("still to ask", "", "", _tokens(cost.left_tokens), _hours(cost.left_hours), "", "")
        table.add_row(*map(Text, cells))
    return table


def _premises(design: Design) -> Table:
    """What the plan stands on."""
    table = Table(box=None, pad_edge=False, header_style="dim", style="dim")
    table.add_column(Text("stands on"))
    for title in ("accuracy", "two answers differ", "tokens an answer"):
        table.add_column(Text(title), justify="right", no_wrap=True)
    table.add_column(Text("known from"), overflow="fold")
    for one in design.premises:
        basis = one.basis
        sources = (basis.accuracy_from, basis.discordance_from, basis.tokens_from)
        cells = (
            one.title,
            f"{100 * basis.accuracy:.1f} %",
            f"{100 * basis.discordance:.1f} %",
            f"{basis.tokens:,.0f}",
            "; ".join(dict.fromkeys(sources)),
        )
        table.add_row(*map(Text, cells))
    return table


def _others(design: Design) -> Table:
    """The config as it is, and one pass per arm."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(Text("instead"))
    for title in ("questions × repeats", "tokens", "hours", "90 % CI", "detects", "power"):
        table.add_column(Text(title), justify="right", no_wrap=True)
    for name, option in (("as configured", design.configured), ("one pass", design.one_pass)):
        for premise, reach in zip(design.premises, option.tasks, strict=True):
            table.add_row(*map(Text, _other_cells(name, premise, reach)))
        table.add_row(*map(Text, _other_mean(name, option)), style="bold")
    return table


def _other_cells(name: str, premise: Premise, reach: Reach) -> tuple[str, ...]:
    return (
        f"{name}: {premise.title}",
        f"{reach.questions:,} × {reach.repeats}",
        *_cost(reach.cost),
        f"± {_points(reach.half_width)}",
        _points(reach.detectable),
        f"{reach.power:.2f}",
    )


def _other_mean(name: str, option: Option) -> tuple[str, ...]:
    macro = option.macro
    return (
        f"{name}: mean of all",
        "",
        *_cost(option.cost),
        f"± {_points(macro.half_width)}",
        _points(macro.detectable),
        f"{macro.power:.2f}",
    )


def _card(design: Design) -> Iterator[Text]:
    """What the model card's differences would read, had they been one pass per arm."""
    said = [
        f"{one.title} {100 * one.card_difference:+.1f} {READS[one.card_reads]}"
        for one in design.premises
        if one.card_difference is not None and one.card_reads is not None
    ]
    if said:
        yield Text()
        yield Text(
            "The model card's differences, FP4 against FP8, would read with one pass per arm: "
            + "; ".join(said)
            + "."
        )


def _lines(design: Design) -> Iterator[Text]:
    """The plan as the config spells it."""
    yield Text("tasks:  # the plan in the words of the config", "dim")
    for premise, reach in zip(design.premises, design.planned.tasks, strict=True):
        sample = f"sample: {reach.questions}, " if reach.questions < premise.available else ""
        yield Text(
            f"  {premise.task}: {{margin_pp: {premise.margin.pp:g}, {sample}"
            f"repeats: {reach.repeats}}}"
        )


def _cost(cost: Cost) -> tuple[str, str]:
    return _tokens(cost.tokens), _hours(cost.hours)


def _tokens(count: float) -> str:
    return f"{count / 1e6:,.1f}M" if count >= 1e6 else f"{count / 1e3:,.0f}k"  # noqa: PLR2004


def _hours(hours: float | None) -> str:
    return "—" if hours is None else f"{hours:,.1f}" if hours >= 1 else f"{hours:.2f}"


def _points(share: float) -> str:
    return f"{100 * share:.2f}"
