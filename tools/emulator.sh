#!/bin/bash
# The emulated AWS for tests and demonstrations.
#   tools/emulator.sh python              prints the Python that has moto and boto3
#   tools/emulator.sh serve [--port N] [--port-file FILE]
# Uses the Python of a moto_server on PATH, else makes build/venv with pip.
set -e
root=$(cd "$(dirname "$0")/.." && pwd)
MOTO=5.2.1 BOTO3=1.43.11
venv=$root/build/venv

usable() {
	[ -n "$1" ] && "$1" -c 'import boto3, moto.server' >/dev/null 2>&1
}

# Interpreters that may have it, the likeliest first.
candidates() {
	local server
	server=$(command -v moto_server || true)
	if [ -n "$server" ]; then
		sed -n '1s/^#! *\(\/[^ ]*python[^ ]*\).*/\1/p' "$server"
		echo "$(dirname "$server")/python3"
	fi
	echo "$venv/bin/python3"
	command -v python3 || true
}

make_venv() {
	local base log=$root/build/venv.log
	base=$(command -v python3) || { echo "emulator: no python3; install the Debian packages python3 and python3-venv" >&2; return 1; }
	mkdir -p "$root/build"
	echo "emulator: no moto_server on PATH; installing moto $MOTO into build/venv" >&2
	if "$base" -m venv "$venv" >"$log" 2>&1 &&
	    "$venv/bin/python3" -m pip install -q "moto[server]==$MOTO" "boto3==$BOTO3" >>"$log" 2>&1; then
		return 0
	fi
	rm -rf "$venv"
	{
		echo "emulator: there is no moto_server on PATH, and build/venv could not be made:"
		tail -3 "$log" | sed 's/^/    /'
		echo "Install moto[server] $MOTO and boto3 where python3 finds them, or put a moto_server on PATH."
	} >&2
	return 1
}

python() {
	local p
	while read -r p; do
		if usable "$p"; then
			echo "$p"
			return
		fi
	done < <(candidates)
	make_venv && echo "$venv/bin/python3"
}

case ${1-} in
python) python ;;
serve)
	p=$(python)
	exec "$p" "$root/tests/e2e/emulator.py" "$@"
	;;
*)
	echo "usage: emulator.sh python | serve [--port N] [--port-file FILE]" >&2
	exit 64
	;;
esac
