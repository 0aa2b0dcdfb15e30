"""`evalsuite inspect`: what is this checkpoint?"""

import json
from dataclasses import asdict
from pathlib import Path

import click


@click.command(name="inspect")
@click.argument("checkpoint", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(checkpoint: Path, as_json: bool) -> None:
    """Print what a checkpoint is, by its tensors and its files.

    Reads headers only. The exit code is 1 where a file claims another precision than the
    tensors have.

    \b
      evalsuite inspect /models/DeepSeek-R1-FP4
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.backends.checkpoint import coverage_words, inspect
    from evalsuite.backends.loaded import checkpoint_info

    found, loaded = inspect(checkpoint), checkpoint_info(checkpoint)
    if as_json:
        facts = asdict(loaded) | {"formats": found.coverage, "bytes": found.bytes}
        click.echo(json.dumps(facts, indent=2))
    else:
        click.echo(
            f"{checkpoint}: {found.precision}, {found.shards} file(s), {found.bytes:,} bytes"
        )
        lines = [
            loaded.coverage,
            *coverage_words(found),
            *(f"{name} says {claim}" for name, claim in found.claims.items()),
            f"revision: {loaded.revision or 'not known'}",
            f"chat template: {loaded.template_hash[:12] or 'none'}",
            f"tokenizer: {loaded.tokenizer_hash[:12] or 'none'}",
        ]
        click.echo("\n".join(f"  {ascii(line)[1:-1]}" for line in lines))
        for line in found.conflicts:
            click.echo(f"CONFLICT: {ascii(line)[1:-1]}", err=True)
    raise SystemExit(int(bool(found.conflicts)))
