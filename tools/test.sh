#!/bin/bash
# Runs suites of tests and adds them up: tools/test.sh BUILD SUITE ...
#   suites: unit golden conformance e2e
# The last line is "N passed, N failed". TALLY=FILE also appends it there.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$1
shift
passed=0 failed=0
log=$(mktemp) && trap 'rm -f "$log"' EXIT
export LSAN_OPTIONS=${LSAN_OPTIONS-suppressions=$PWD/tests/lsan.supp:print_suppressions=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS-halt_on_error=1:print_stacktrace=1}

# One program of unit tests. Check counts tests; a crash of the whole program
# is a failure too.
unit_one() {
	local sum checks bad
	"$1" >"$log" 2>&1
	local rc=$?
	sum=$(grep -oE 'Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+' "$log" | tail -1)
	checks=$(grep -oE 'Checks: [0-9]+' <<<"$sum" | tr -dc 0-9)
	bad=$(($(grep -oE '(Failures|Errors): [0-9]+' <<<"$sum" | tr -dc '0-9\n' | paste -sd+)))
	[ "$rc" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1 && checks=$((${checks:-0} + 1))
	passed=$((passed + ${checks:-0} - bad))
	failed=$((failed + bad))
	if [ "$bad" -eq 0 ]; then
		echo "ok    ${1##*/} (${checks:-0})"
	else
		echo "FAIL  ${1##*/}: $bad of ${checks:-0}, exit code $rc"
		tail -40 "$log"
	fi
}

suite_unit() {
	local t
	for t in tests/unit/test_*.c; do
		unit_one "$build/${t%.c}"
	done
}

# A suite that says "N passed, N failed" in one or more lines.
counted() {
	local rc p f
	"$@" 2>&1 | tee "$log"
	rc=${PIPESTATUS[0]}
	p=$(grep -oE '[0-9]+ passed' "$log" | tr -dc '0-9\n' | paste -sd+)
	f=$(grep -oE '[0-9]+ failed' "$log" | tr -dc '0-9\n' | paste -sd+)
	passed=$((passed + ${p:-0}))
	failed=$((failed + ${f:-0}))
	[ "$rc" -eq 0 ] || [ "$((${f:-0}))" -gt 0 ] || failed=$((failed + 1))
}

suite_golden() {
	counted tests/golden/run --program "$build/convergctl"
}

suite_conformance() {
	counted "$build/tests/conformance"
}

suite_e2e() {
	CONVERGD_BUILD=$PWD/$build counted tests/e2e/run
}

for suite in "$@"; do
	echo "== $suite"
	"suite_$suite"
done
echo
echo "$passed passed, $failed failed" | tee -a ${TALLY:+"$TALLY"}
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
