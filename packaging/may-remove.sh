#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Whether `make uninstall` may take RLD away: may-remove.sh RLD BPFFS DESTDIR FORCE. Not while it runs; and where it is
# this machine's own, not while what it pinned is in the kernel, since nothing else removes that. FORCE=1 detaches first.
set -eu
rld=$1 bpffs=$2 destdir=$3 force=$4

[ -e "$rld" ] || exit 0

# Processes that run this very file, or the one that was here before it was installed anew.
running() {
	for exe in /proc/[0-9]*/exe; do
		if [ "$exe" -ef "$rld" ] || [ "$(readlink "$exe" 2>/dev/null)" = "$(realpath "$rld") (deleted)" ]; then
			echo "${exe#/proc/}" | cut -d / -f 1
		fi
	done | paste -s -d ' ' -
}

# What a shell of root would start; or the only one there is, but for one that is staged for another machine.
is_own() {
	first=$(PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v rld || :)
	if [ -n "$first" ]; then
		[ "$first" -ef "$rld" ]
	else
		[ -z "$destdir" ]
	fi
}

# By index: the name is known only in the interface's network namespace, which a pin does not tell.
attached() {
	for pin in "$bpffs"/link_*; do
		[ ! -e "$pin" ] || echo "${pin##*link_}"
	done | paste -s -d , -
}

refuse() {
	echo "uninstall: $*" >&2
	refused=1
}

refused=
pids=$(running)
[ -z "$pids" ] || refuse "rld is running from $rld (pid $pids): first stop it (systemctl stop rld, or kill $pids)"
if is_own; then
	if [ -d "${bpffs%/*}" ] && [ ! -x "${bpffs%/*}" ]; then
		refuse "cannot see whether limits are pinned in $bpffs: do it as root"
	elif [ -d "$bpffs" ] && [ -z "$refused" ] && [ "$force" = 1 ]; then
		"$rld" --detach --bpffs "$bpffs" || refuse "cannot detach"
	elif [ -d "$bpffs" ]; then
		indexes=$(attached)
		refuse "$bpffs has ${indexes:+limits in force (on ifindex $indexes) and }what only rld removes from the kernel:" \
			"first run \`$rld --detach --bpffs $bpffs\`, or \`make uninstall FORCE=1\`, which does that"
	fi
fi
if [ -n "$refused" ]; then
	echo "uninstall: nothing was removed" >&2
	exit 1
fi
