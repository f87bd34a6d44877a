#!/bin/bash
# Runs suites of tests and adds them up: tools/test.sh BUILD SUITE ...
#   suites: unit golden conformance e2e
# The last line is "N passed, N failed". TALLY=FILE also appends it there.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$1
shift
passed=0 failed=0
log=$(mktemp) logs=$(mktemp -d) && trap 'rm -rf "$log" "$logs"' EXIT
export logs
export LSAN_OPTIONS=${LSAN_OPTIONS-suppressions=$PWD/tests/lsan.supp:print_suppressions=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS-halt_on_error=1:print_stacktrace=1}

# Programs of unit tests, several at once: most of their time they wait.
unit_run() { # unit_run PROGRAM: its words and its exit code into files
	"$1" >"$logs/${1##*/}" 2>&1
	echo $? >"$logs/${1##*/}.rc"
}
export -f unit_run

# Check counts tests; a crash of the whole program is a failure too.
unit_judge() { # unit_judge NAME
	local sum checks bad rc
	rc=$(cat "$logs/$1.rc")
	sum=$(grep -oE 'Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+' "$logs/$1" | tail -1)
	checks=$(grep -oE 'Checks: [0-9]+' <<<"$sum" | tr -dc 0-9)
	bad=$(($(grep -oE '(Failures|Errors): [0-9]+' <<<"$sum" | tr -dc '0-9\n' | paste -sd+)))
	[ "$rc" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1 && checks=$((${checks:-0} + 1))
	passed=$((passed + ${checks:-0} - bad))
	failed=$((failed + bad))
	if [ "$bad" -eq 0 ]; then
		echo "ok    $1 (${checks:-0})"
	else
		echo "FAIL  $1: $bad of ${checks:-0}, exit code $rc"
		tail -40 "$logs/$1"
	fi
}

suite_unit() {
	local t
	printf '%s\n' tests/unit/test_*.c | sed "s|^|$build/|; s|\.c\$||" |
	    xargs -P $((2 * $(nproc))) -I{} bash -c 'unit_run {}'
	for t in tests/unit/test_*.c; do
		t=${t##*/}
		unit_judge "${t%.c}"
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
