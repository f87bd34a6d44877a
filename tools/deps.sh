#!/bin/bash
# Installs what building and testing need: make deps
# The list is deploy/debian-packages. Asks for root only when something is
# missing; DEPS="build emulator" takes only these groups.
set -euo pipefail
cd "$(dirname "$0")/.."
groups=" ${DEPS:-build emulator test lint} "

wanted() {
	local name group
	while read -r name group _; do
		case $name in '' | '#'*) continue ;; esac
		case $groups in *" $group "*) echo "$name" ;; esac
	done <deploy/debian-packages
}

missing() {
	local name
	for name in $(wanted); do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] ||
		    echo "$name"
	done
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	echo "deps: this is no Debian or Ubuntu; install what matches deploy/debian-packages by hand:" >&2
	wanted | sed 's/^/deps:   /' >&2
	exit 1
fi
mapfile -t need < <(missing)
[ ${#need[@]} -gt 0 ] || exit 0
echo "deps: installing ${need[*]}"
root=()
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || {
		echo "deps: not root and no sudo; run as root: apt-get install ${need[*]}" >&2
		exit 1
	}
	root=(sudo)
fi

# A test starts the servers that it needs itself, on ports of its own: what is
# installed here (sshd, Prometheus) must not begin to serve.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
	"${root[@]}" chmod 755 "$policy"
	trap '"${root[@]}" rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends "${need[@]}"
