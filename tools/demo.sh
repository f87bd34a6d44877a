#!/bin/bash
# The body of `make demo`: an emulated AWS, a bare repository, the daemon, and
# what it does about a push and about drift. Ends by itself; KEEP=1 leaves all
# of it running and says how to look at it.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=${CONVERGD_BUILD:-$root/build}
dir=$(mktemp -d "${TMPDIR:-/tmp}/convergd-demo.XXXXXX")
emulator='' daemon=''
deadline=$((SECONDS + 110))

if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
	bold=$(printf '\033[1m') off=$(printf '\033[0m')
else
	bold='' off=''
fi

cleanup() {
	local code=$?
	trap - EXIT INT TERM
	[ -z "$daemon" ] || { kill "$daemon" && wait "$daemon"; } 2>/dev/null || true
	[ -z "$emulator" ] || { kill "$emulator" && wait "$emulator"; } 2>/dev/null || true
	if [ "$code" -ne 0 ] && [ -s "$dir/convergd.log" ]; then
		echo "The last lines of the daemon's log:" >&2
		tail -15 "$dir/convergd.log" >&2
	fi
	rm -rf "$dir"
	exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say() { printf '\n%s== %s%s\n' "$bold" "$*" "$off"; }
run() { # shows the command as a user would type it, then does it
	local word shown=
	for word in "$@"; do
		case $word in *'"'*) word="'$word'" ;; esac
		shown+="${shown:+ }$word"
	done
	shown=${shown//$build\//}
	printf '%s$ %s%s\n' "$bold" "${shown//$dir\//}" "$off"
	"$@"
}
fail() { echo "demo: $*" >&2; exit 1; }
await() { # await WHAT COMMAND...: until the command succeeds
	local what=$1
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || fail "timed out waiting until $what"
		[ -z "$daemon" ] || kill -0 "$daemon" 2>/dev/null || fail "convergd has ended"
		sleep 0.2
	done
}
ctl() { "$build/convergctl" --socket "$dir/control.sock" "$@"; }
git() { command git -c init.defaultBranch=main -c user.name=You -c user.email=you@example.com -c advice.detachedHead=false "$@"; }

for program in convergd convergctl; do
	[ -x "$build/$program" ] || fail "$build/$program is missing; run make first"
done

# Both in sessions of their own: KEEP=1 outlives the terminal.
say "An emulated AWS (moto) and a bare Git repository"
"$root/tools/emulator.sh" python >/dev/null
setsid "$root/tools/emulator.sh" serve --port-file "$dir/port" >"$dir/emulator.log" 2>&1 &
emulator=$!
await "the emulator listens" test -s "$dir/port"
AWS_ENDPOINT_URL="http://127.0.0.1:$(cat "$dir/port")"
export AWS_ENDPOINT_URL AWS_REGION=eu-west-1
export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_EC2_METADATA_DISABLED=true
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
git init -q --bare "$dir/shop.git"
git clone -q "$dir/shop.git" "$dir/shop" 2>/dev/null
echo "AWS is at $AWS_ENDPOINT_URL, the repository at $dir/shop.git"

say "Somebody pushes an architecture: examples/serverless"
cp -r "$root/examples/serverless/." "$dir/shop/"
git -C "$dir/shop" checkout -q -B main
git -C "$dir/shop" add -A
git -C "$dir/shop" commit -q -m "The shop"
git -C "$dir/shop" push -q origin main
(cd "$dir/shop" && find . -name .git -prune -o -type f -print | sed 's/^/    /' | sort)

say "The daemon starts"
cat >"$dir/convergd.yaml" <<END
installation: demo
source: { url: $dir/shop.git, branch: main, interval: 10s }
reconcile: { interval: 5s }
http: { listen: "127.0.0.1:$("$("$root/tools/emulator.sh" python)" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')" }
control: { socket: $dir/control.sock }
state: { directory: $dir/state }
log: { format: text }
END
port=$(sed -n 's/.*127.0.0.1:\([0-9]*\)".*/\1/p' "$dir/convergd.yaml")
printf '%s$ convergd -c convergd.yaml%s\n' "$bold" "$off"
setsid "$build/convergd" -c "$dir/convergd.yaml" >"$dir/convergd.log" 2>&1 &
daemon=$!
await "the control socket is there" test -S "$dir/control.sock"

# Every verdict of the architecture, e.g. "17 Synced".
verdicts() {
	ctl status --output json 2>/dev/null | tr ',{' '\n\n' | sed -n 's/.*"sync": *"\([A-Za-z]*\)".*/\1/p' | sort | uniq -c | tr -s ' \n' ' '
}
synced() {
	local now
	now=$(verdicts)
	if [ -n "${now// /}" ] && [ "$now" != "${before-}" ]; then
		echo "   $now"
		before=$now
	fi
	[ -n "${now// /}" ] && ! grep -q 'OutOfSync\|Unknown\|NotChecked' <<<"$now"
}
say "It converges"
await "everything is Synced" synced
run "$build/convergctl" --socket "$dir/control.sock" status

say "Drift: somebody changes a queue by hand"
url=$("$build/convergctl" aws sqs GetQueueUrl --input '{"QueueName":"shop-shipments"}' | sed -n 's/.*"QueueUrl": *"\([^"]*\)".*/\1/p')
visibility() {
	"$build/convergctl" aws sqs GetQueueAttributes --input "{\"QueueUrl\":\"$url\",\"AttributeNames\":[\"VisibilityTimeout\"]}" |
	    sed -n 's/.*"VisibilityTimeout": *"\([0-9]*\)".*/\1/p'
}
good=$(visibility)
change="{\"QueueUrl\":\"$url\",\"Attributes\":{\"VisibilityTimeout\":\"5\"}}"
run "$build/convergctl" aws sqs SetQueueAttributes --input "$change"
is_good() { [ "$(visibility)" = "$good" ]; }
echo "VisibilityTimeout was $good, is $(visibility). The next pass finds it, within 5 s:"
await "the drift is healed" is_good
echo "VisibilityTimeout is $(visibility) again. The daemon's log says:"
grep -i 'drift\|heal\|VisibilityTimeout' "$dir/convergd.log" | tail -3 | sed 's/^/    /'

say "A push: the queue shall wait 2 minutes"
sed -i 's/visibilityTimeout: 90s/visibilityTimeout: 2m/' "$dir/shop/shipping.yaml"
git -C "$dir/shop" diff --stat | sed 's/^/   /'
run "$build/convergctl" --source "$dir/shop" plan --installation demo
git -C "$dir/shop" commit -q -am "Shipping takes longer"
git -C "$dir/shop" push -q origin main
good=120
await "the push is applied" is_good
before=''
await "everything is Synced" synced
run "$build/convergctl" --socket "$dir/control.sock" status shop/SqsQueue/shipments

if [ -n "${KEEP-}" ]; then
	say "It stays running (KEEP=1)"
	cat <<END
Look at it:
    export AWS_ENDPOINT_URL=$AWS_ENDPOINT_URL AWS_REGION=$AWS_REGION AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing
    $build/convergctl --socket $dir/control.sock status --watch
    $build/convergctl aws sqs ListQueues
    curl http://127.0.0.1:$port/metrics
    tail -f $dir/convergd.log
Change it:
    cd $dir/shop    # edit, git commit -a, git push
Stop it:
    kill $daemon $emulator; rm -rf $dir
END
	trap - EXIT INT TERM
	disown -a
	exit 0
fi
say "Done"
echo "make demo KEEP=1 leaves all of it running."
