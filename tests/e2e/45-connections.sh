#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Ten connections a minute to a web server: the eleventh hangs, open ones go on, other sources do not notice.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

web_start() {
	mkdir "$tmp/www"
	echo hello >"$tmp/www/index.html"
	cat >"$tmp/nginx.conf" <<-END
		daemon off; master_process off; pid $tmp/nginx.pid; events { worker_connections 128; }
		http { access_log off; client_body_temp_path $tmp/b; proxy_temp_path $tmp/p; fastcgi_temp_path $tmp/f;
		uwsgi_temp_path $tmp/u; scgi_temp_path $tmp/s; server { listen 80; listen [::]:80; root $tmp/www; } }
	END
	background server nginx -c "$tmp/nginx.conf" -e "$tmp/nginx.log"
	wait_for get "${client4[2]}" "$server4"
}

# A connection of its own. Exit status 28: timed out.
get() { # SOURCE DESTINATION
	in_client curl -gsS -o /dev/null --connect-timeout 1 -m 3 --interface "$1" "http://$([[ $2 = *:* ]] && echo "[$2]" || echo "$2")/" \
		2>/dev/null
}

# How many of 10 new connections get an answer, and the exit status of the eleventh.
ten_and_one() { # SOURCE DESTINATION
	local i done=0
	for ((i = 0; i < 10; i++)); do get "$1" "$2" && done=$((done + 1)); done
	get "$1" "$2"
	echo "$done $?"
}

# A client that keeps one connection; each line that it reads is a request, each that it prints is the answer's
# status and the port that it came in on, which is another one after a new connection.
keeper='import http.client, sys
c = http.client.HTTPConnection(sys.argv[1], 80, timeout=3, source_address=(sys.argv[2], 0))
c.connect()
port = c.sock.getsockname()[1]
out = open(sys.argv[4], "w")
for line in open(sys.argv[3]):
    try:
        c.request("GET", "/")
        r = c.getresponse()
        r.read()
        print(r.status, "same" if c.sock and c.sock.getsockname()[1] == port else "new", file=out, flush=True)
    except OSError as e:
        print(type(e).__name__, file=out, flush=True)'
keep_open() { # SERVER SOURCE
	mkfifo "$tmp/ask" "$tmp/said"
	exec 7<>"$tmp/ask" 8<>"$tmp/said"
	background client python3 -c "$keeper" "$1" "$2" "$tmp/ask" "$tmp/said"
}
kept() { # REQUESTS: how the answers differ
	local i answer
	for ((i = 0; i < $1; i++)); do
		echo >&7
		read -r -t 5 answer <&8 || answer=silent
		echo "$answer"
	done | sort | uniq -c | sed 's/^ *//'
}

net_up
rld_start <<<'attach srv0'
web_start
keep_open "$server4" "${client4[0]}"
is "a connection from before the limit" "$(kept 1)" "1 200 same"

check "connections/minute" ctl set-limit web 10 connections/minute per source match tcp dport 80
is "the tenth connection in a minute works, the eleventh times out" "$(ten_and_one "${client4[0]}" "$server4")" "10 28"
is "... and the old one answers 100 requests as if nothing were" "$(kept 100)" "100 200 same"
is "... while a new one still hangs" "$(get "${client4[0]}" "$server4" || echo $?)" 28
is "another source has its own ten" "$(ten_and_one "${client4[1]}" "$server4")" "10 28"
is "so has one of IPv6" "$(ten_and_one "${client6[0]}" "$server6")" "10 28"
is "each of them is counted" "$(limit_stat web pass)" 30
between "... and so is each SYN that was refused" "$(limit_stat web drop)" 4 20
is "sources say the same" "$(json '[.sources[] | .pass] | join(" ")' sources --limit web)" "10 10 10"
check "who is cleared" ctl -q clear "${client4[0]}"
check "... may connect at once" get "${client4[0]}" "$server4"

check "packets that are SYNs are the same" ctl set-limit web 10/minute per source match tcp dport 80 syn
is "the tenth works, the eleventh times out" "$(ten_and_one "${client4[0]}" "$server4")" "10 28"
is "... and the old one goes on" "$(kept 100)" "100 200 same"
check "another source is not affected" get "${client4[1]}" "$server4"
check "another port is not limited" ctl set-limit web 0/minute per source match tcp dport 81 syn
check "... for anybody" get "${client4[0]}" "$server4"
finish
