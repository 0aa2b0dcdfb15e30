#!/usr/bin/env bash
# Start tonight's two servers and the client beside them; for cron.
#   STORE=/shared/evalsuite examples/slurm/nightly.sh
# Never run by us.
set -euo pipefail
: "${STORE:?a folder on the shared file system}"
HERE=$(cd "$(dirname "$0")" && pwd)
NIGHT=$(date -u +%F)
runs="$STORE/nights/$NIGHT"
mkdir -p "$runs"
export STORE HERE NIGHT

server() {
  MODEL=$1 URL_FILE=$2 sbatch --parsable --export=ALL "$HERE/server.sbatch"
}
FP8_JOB=$(server deepseek-ai/DeepSeek-R1 "$runs/fp8.url")
FP4_JOB=$(server nvidia/DeepSeek-R1-FP4 "$runs/fp4.url")
export FP8_JOB FP4_JOB
sbatch --export=ALL --dependency="after:$FP8_JOB:$FP4_JOB" "$HERE/client.sbatch"
