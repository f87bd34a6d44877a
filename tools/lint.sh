#!/bin/bash
# Everything that can be checked without running: make lint
#   tools/lint.sh [STEP ...]    without arguments all steps, in this order
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
STEPS="layers banned length format cppcheck tidy shell"
FLAGS="-I. -Ibuild -D_GNU_SOURCE -std=gnu11"
WARN=400 MOST=600 # lines of a file
fd_failed=$(mktemp) && trap 'rm -f "$fd_failed"' EXIT

sources() { # of C: sources [directory ...]
	git ls-files --cached --others --exclude-standard -- "${@:-.}" |
	    grep -E '\.[ch]$' | while read -r f; do [ -e "$f" ] && echo "$f"; done
}

# Lines on standard input are findings; none is good.
report() { # report MESSAGE
	local found
	while read -r found; do
		echo "lint: $found: $1"
		echo x >>"$fd_failed"
	done
}

# ---- layers: includes point down only ----

# Room and the only folders that it may include from.
layers_table() {
	cat <<'END'
common/base      common/base
common/loop      common/base common/loop
common/aws       common/base common/loop common/aws
common/source    common/base common/source
common/engine    common/base common/loop common/aws common/source common/engine
common/intents   common/base common/engine common/intents
common/manifest  common/base common/source common/engine common/manifest
modules          common/base common/engine common/manifest modules
daemon           common modules daemon
cli              common modules cli
END
}

# Library header, who may use it (a regular expression of paths), why.
headers_table() {
	cat <<'END'
ev.h           ^(common/loop/|common/engine/pass|daemon/|cli/|tests/)  only the loop turns
git2.*\.h      ^common/source/                                         Git is the source's affair
zip.h          ^(common/source/|tests/)                                packing is the source's affair
systemd/.*     ^daemon/                                                only the daemon is a service
microhttpd.h   ^(daemon/|tests/)                                       only the daemon serves
curl/.*        ^(common/loop/|tests/)                                  one place sends
libfyaml.h     ^(common/manifest/|tests/)                              one place reads YAML
expat.h        ^(common/aws/|tests/)                                   one place reads XML
sqlite3.h      ^(daemon/|tests/)                                       only the daemon keeps history
END
}

step_layers() {
	local room allowed pattern header who why folder
	while read -r room allowed; do
		pattern=${allowed// /\/|}/
		sources "$room" | xargs -r grep -HnE '^#include "' |
		    grep -vE "#include \"($pattern)" |
		    report "$room may include from $allowed only"
	done < <(layers_table)
	# a module sees module.h and its own folder, nothing else
	for folder in modules/*/; do
		[ -d "$folder" ] || continue
		sources "$folder" | xargs -r grep -HnE '^#include "' |
		    grep -vE "#include \"(modules/module.h|$folder)" |
		    report "a module includes modules/module.h and its own folder only"
	done
	while read -r header who why; do
		sources common modules daemon cli tools tests |
		    xargs -r grep -HnE "^#include <$header>" | grep -vE "$who" |
		    report "$why"
	done < <(headers_table)
	service_names
}

# common/engine knows no AWS service. Ownership is found by the tagging API
# and proven by STS, so these two may be named.
service_names() {
	local names
	names=$(for f in common/aws/model/*.json; do basename "$f" .json; done |
	    grep -vxE 'resourcegroupstaggingapi|sts' | paste -sd'|')
	for f in $(sources common/engine); do
		stripped "$f" | grep -nE "\"($names)[\".]" | sed "s|^|$f:|"
	done | report "the engine knows no service by name"
}

# ---- banned calls ----

# A file without comments and without the contents of strings.
stripped() {
	gcc -fpreprocessed -dD -E -P -x c "$1" 2>/dev/null
}

BANNED='strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|gets|system|popen|alloca|rand|srand|random|tmpnam|mktemp|asctime|ctime|gmtime|localtime|strerror_l'
JS='json_incref|json_decref|json_object_get'

step_banned() {
	local f plain=build/lint/plain
	for f in $(sources common modules daemon cli tools tests); do
		stripped "$f" | sed -E 's/"([^"\\]|\\.)*"/""/g' >$plain
		grep -E "(^|[^A-Za-z0-9_>.])(($BANNED) *\(|goto )" $plain |
		    sed "s|^[[:space:]]*|$f: |"
		[[ $f == common/base/js.[ch] ]] ||
		    grep -E "\\b($JS)\\b" $plain | sed "s|^[[:space:]]*|$f: |"
	done | report "is banned there, see CONTRIBUTING.md"
	sources | grep -v '^tests/' | xargs -r grep -HnE '^typedef (struct|union) ' |
	    report "no typedef for structs"
}

# ---- length ----

step_length() {
	local f n
	for f in $(sources); do
		n=$(wc -l <"$f")
		[ "$n" -gt "$MOST" ] && echo "$f" | report "has $n lines, $MOST at most"
		[ "$n" -gt "$WARN" ] && [ "$n" -le "$MOST" ] &&
		    echo "lint: note: $f has $n lines; more than $WARN read badly"
	done
	return 0
}

# ---- tools ----

step_format() {
	sources | xargs -r clang-format --dry-run -Werror 2>&1 |
	    grep -E 'error:' | sed 's/ error: code should be.*//' |
	    sort -t: -u -k1,1 | report "is not formatted; run clang-format -i"
}

step_cppcheck() {
	sources common modules daemon cli tools | grep '\.c$' >build/lint/files
	cppcheck --quiet -j2 --std=c11 --enable=warning,performance,portability \
	    --inline-suppr --suppressions-list=tools/cppcheck.supp \
	    --cppcheck-build-dir=build/lint/cppcheck --error-exitcode=1 \
	    --template='{file}:{line}: {severity}: {message} [{id}]' \
	    -I. -D_GNU_SOURCE -D__GNUC__=12 --include=tools/cppcheck.h \
	    --file-list=build/lint/files 2>&1 | report "cppcheck"
}

# Without the findings that tools/tidy.supp names.
accepted() {
	awk 'NR == FNR { if ($1 !~ /^#/) ok[$1 " " $2] = 1; next }
	    { file = $0; sub(/:.*/, "", file); check = $0
	      sub(/.*\[/, "", check); sub(/[],].*/, "", check)
	      if (!((file " " check) in ok)) print }' tools/tidy.supp -
}
export -f accepted

# One file; a stamp named after the content of all it includes says it is good.
tidy_one() {
	local key stamp
	# shellcheck disable=SC2086
	key=$(gcc $FLAGS -MM "$1" 2>/dev/null | sed 's/^[^:]*://; s/\\$//' |
	    xargs cat .clang-tidy tools/tidy.supp 2>/dev/null | sha256sum | cut -c1-40)
	stamp=build/lint/tidy/$key
	[ -e "$stamp" ] && return
	# shellcheck disable=SC2086
	out=$(clang-tidy --quiet "$1" -- $FLAGS 2>/dev/null |
	    grep -E '(error|warning):' | sed "s|^$PWD/||" | accepted)
	if [ -z "$out" ]; then
		touch "$stamp"
	else
		printf '%s\n' "$out"
	fi
}
export -f tidy_one
export FLAGS

step_tidy() {
	mkdir -p build/lint/tidy
	sources common modules daemon cli | grep '\.c$' |
	    xargs -r -P2 -I{} bash -c 'tidy_one {}' |
	    sort -u | report "clang-tidy"
}

step_shell() {
	git ls-files --cached --others --exclude-standard |
	    while read -r f; do
		[ -f "$f" ] && head -c 64 "$f" | head -1 |
		    grep -qaE '^#!.*\b(ba)?sh$' && echo "$f"
	    done | xargs -r shellcheck -S warning -f gcc | report "shellcheck"
}

# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $STEPS
for step; do
	declare -F "step_$step" >/dev/null && continue
	echo "lint: no step is called '$step'; there are: $STEPS" >&2
	exit 2
done
mkdir -p build/lint/cppcheck
for step; do
	echo "lint: $step"
	"step_$step"
done
if [ -s "$fd_failed" ]; then
	echo "lint: FAILED"
	exit 1
fi
echo "lint: clean"
