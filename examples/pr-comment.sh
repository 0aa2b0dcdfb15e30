#!/usr/bin/env bash
# Keep one comment of the gate on a pull request, and touch it only when a verdict changed.
#   examples/pr-comment.sh OWNER/REPOSITORY NUMBER gate/comment.md
# Needs GitHub's gh, and GH_TOKEN with `pull-requests: write`.
set -euo pipefail
repository=$1 number=$2 body=$3
marker=$(head -n 1 "$body")

found=$(gh api --paginate "repos/$repository/issues/$number/comments" \
  --jq '.[] | select(.body | startswith("<!-- evalsuite-gate ")) | "\(.id) \(.body | split("\n")[0])"' |
  head -n 1)
if [ -z "$found" ]; then
  gh api "repos/$repository/issues/$number/comments" -F "body=@$body" --silent
elif [ "${found#* }" != "$marker" ]; then
  gh api -X PATCH "repos/$repository/issues/comments/${found%% *}" -F "body=@$body" --silent
fi
