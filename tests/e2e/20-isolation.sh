#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A UDP flood from one source is cut to its limit exactly, while another source's requests to nginx all succeed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

nginx_start() {
	mkdir -p "$tmp/www"
	echo hello >"$tmp/www/index.html"
	cat >"$tmp/nginx.conf" <<-END
		daemon off; master_process off; user root; pid $tmp/nginx.pid; error_log $tmp/nginx.log;
		events { worker_connections 256; }
		http {
			access_log off; client_body_temp_path $tmp/b; proxy_temp_path $tmp/p; fastcgi_temp_path $tmp/f;
			uwsgi_temp_path $tmp/u; scgi_temp_path $tmp/s;
			server { listen $server4:80; listen [$server6]:80; root $tmp/www; }
		}
	END
	background server nginx -c "$tmp/nginx.conf" -e "$tmp/nginx.log"
	wait_for in_server curl -s "http://$server4/"
}

# How many of so many requests succeed.
requests() { # SOURCE URL COUNT
	local i done=0
	for ((i = 0; i < $3; i++)); do
		[ "$(in_client curl -s -m 5 --interface "$1" "$2")" != hello ] || done=$((done + 1))
	done
	echo $done
}

source_line() { json ".sources[] | select(.source == \"$1\") | \"\\(.pass) \\(.drop)\"" sources; }

dropping() { [ "$(json '.packets.drop' stats)" -gt 1000 ]; }

net_up
nginx_start
rld_start <<'END'
attach srv0
set-limit 1000/minute
END

before=$(udp_arrived)
background client timeout 10 hping3 -q --udp --flood -p 9 -d 18 -a "${client4[1]}" -I cli0 "$server4" >/dev/null 2>&1
flooder=$!
wait_for dropping
is "under an IPv4 flood all 40 requests of another source succeed" "$(requests "${client4[0]}" "http://$server4/" 40)" 40
is "... and all 10 over IPv6" "$(requests "${client6[0]}" "http://[$server6]/" 10)" 10
end "$flooder"
is "of the flood exactly 1000 packets arrived" $(($(udp_arrived) - before)) 1000
like "the flooder is cut to 1000" "$(source_line "${client4[1]}")" '^1000 [0-9]{4,}$'
like "the other lost nothing" "$(source_line "${client4[0]}")" '^[0-9]+ 0$'
like "... nor over IPv6" "$(source_line "fd77:0:0:1::/64")" '^[0-9]+ 0$'
is "the flooder's window is used up" "$(json ".sources[] | select(.source == \"${client4[1]}\") | .windows[0].remaining" sources)" 0
between "... and says for how long" \
	"$(json ".sources[] | select(.source == \"${client4[1]}\") | .blocked_for_ns" sources)" 1 60000000000

before=$(udp_arrived)
check "clear gives the flooder a new window" ctl clear "${client4[1]}"
frames "${client4[1]}" "$server4" kind=udp count=3000 >/dev/null
is "... of 1000 again" $(($(udp_arrived) - before)) 1000

check "a limit on UDP only" ctl set-limit udp 50/minute match udp dport 9
before=$(udp_arrived)
ctl -q clear all
frames "${client4[1]}" "$server4" kind=udp count=500 >/dev/null
is "lets 50 through" $(($(udp_arrived) - before)) 50
is "... and leaves the flooder's HTTP alone" "$(requests "${client4[1]}" "http://$server4/" 5)" 5
finish
