#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `make uninstall` takes away no rld that runs, nor the last one that could remove what is pinned.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

prefix=$tmp/usr
listing() { (cd "$tmp" && find usr etc | sort); }
make_it() { # TARGET [NAME=VALUE]...
	make -s -C "$top" B="$build" PREFIX="$prefix" SYSCONFDIR="$tmp/etc" BPFFS="$bpffs" "$@" 2>&1
}
has_program() { [ "$(ip -n "$server" -d -j link show dev srv0 | jq -r '.[0].xdp.prog.name // "none"')" != none ]; }
run_rld() {
	background server "$prefix/sbin/rld" --config "$config" --socket "$tmp/sock" --bpffs "$bpffs" \
		--state-dir "$tmp/state" --listen none 2>>"$rld_log"
	installed=$!
	check "the installed rld starts" wait_for has_program
}

# An rld that stands before it on the PATH, as on a machine that has another one.
mkdir "$tmp/other"
printf '#!/bin/sh\n' >"$tmp/other/rld"
chmod +x "$tmp/other/rld"

net_up
index=$(ip -n "$server" -j link show dev srv0 | jq '.[0].ifindex')
PATH=$prefix/sbin:$PATH
echo 'attach srv0' >"$config"

check "make install" make_it install
unlike "the unit starts what was installed" "$(grep ^Exec "$prefix/lib/systemd/system/rld.service")" '=/usr/'
before=$(listing)
run_rld
out=$(make_it uninstall)
is "make uninstall while it runs is refused" $? 2
like "... says its pid" "$out" "rld is running from $prefix/sbin/rld \(pid $installed\): first stop it"
like "... and what is pinned" "$out" "$bpffs has limits in force \(on ifindex $index\)"
is "... and removes nothing" "$(listing)" "$before"
out=$(make_it uninstall FORCE=1)
is "... with FORCE=1 as well" "$? $(listing)" "2 $before"
like "... saying so" "$out" "first stop it"
check "... which leaves the limits in force" has_program

check "make install over a running rld" make_it install
like "... which is known as what runs, still" "$(make_it uninstall)" "\(pid $installed\)"

end "$installed"
out=$(make_it uninstall)
is "stopped, but pinned: refused" $? 2
like "... says where limits are in force" "$out" "$bpffs has limits in force \(on ifindex $index\)"
like "... and what to do" "$out" "$prefix/sbin/rld --detach --bpffs $bpffs.*FORCE=1"
is "... removes nothing" "$(listing)" "$before"
check "... and detaches nothing" has_program

out=$(make_it uninstall DESTDIR="$tmp/stage")
is "what is staged elsewhere has no such pins" "$? $out" "0 "
check "make install into a stage" make_it install DESTDIR="$tmp/stage"
check "... and away again" make_it uninstall DESTDIR="$tmp/stage"
is "... with nothing left but configuration" "$(cd "$tmp/stage" && find . -type f)" ".$tmp/etc/rld/rld.conf"
check "a stage that is the machine" make_it install DESTDIR=/
is "... is refused like it" "$(make_it uninstall DESTDIR=/ >/dev/null; echo $?) $(listing)" "2 $before"

PATH=$tmp/other:$PATH check "not this machine's first rld: goes" make_it uninstall
check "... detaching nothing" has_program
check "make install again" make_it install
out=$(make_it uninstall FORCE=1)
is "FORCE=1 detaches" "$? ${out##*$'\n'}" "0 detached from ${out##* from }"
check "... the interface, too" eval '! has_program'
is "... and the bpffs" "$([ -e "$bpffs" ] && echo there)" ""
is "... and removes all but configuration" "$(cd "$tmp" && find usr etc -type f)" etc/rld/rld.conf

check "make install once more" make_it install
check "with nothing pinned it just goes" make_it uninstall
is "... all of it" "$(cd "$tmp" && find usr etc -type f)" etc/rld/rld.conf
finish
