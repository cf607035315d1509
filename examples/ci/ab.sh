#!/usr/bin/env bash
# Drives two Envoys in turn on this machine, publishes what changed, and ends with mesh-load's exit code.
#   ab.sh BASE-ENVOY HEAD-ENVOY [flags of mesh-load run ...]
# GATES is a file of gates, OUT the directory for report.txt, summary.md, junit.xml and the result. In a GitHub workflow
# the summary goes to its page as well, and annotations to the run.
set -euo pipefail
base=$1 head=$2
shift 2
gates=${GATES:-$(dirname "$0")/gates.txt}
out=${OUT:-mesh-load-results}
mkdir -p "$out"
rm -f "$out/ab.json"

# On a shared runner a p99 is seldom decided. What is undecided is told, and does not fail the job: the p50 is
# gated as well, which the same runs decide. Leave -allow-inconclusive out to stop (5) where nobody can tell.
code=0
mesh-load run -ab -profile ci -envoy "$base" -ab-envoy "$head" -gates "$gates" -allow-inconclusive \
  -json "$out/ab.json" -no-save -quiet "$@" > "$out/report.txt" || code=$?
cat "$out/report.txt"
# Without a result there is nothing to publish, and the reason stands above.
[[ -s $out/ab.json ]] || exit "$code"

# compare judges the same runs by the same gates: 0 or 1, which the code says already. Where the load ended before there
# was anything to compare it says so, and the code stays the load's.
publish() {
  local judged=0
  mesh-load compare "$out/ab.json" -gates "$gates" -allow-inconclusive "$@" || judged=$?
  ((judged <= 1)) || exit "$((code == 0 ? judged : code))"
}
publish -format markdown -o "$out/summary.md"
publish -format junit -o "$out/junit.xml"
if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then
  cat "$out/summary.md" >> "$GITHUB_STEP_SUMMARY"
  publish -format github
fi
exit "$code"
