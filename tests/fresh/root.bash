# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A Debian as new: made by debootstrap in a folder, entered with mounts and processes of its own, gone at the end.
#
#   root_make SUITE [PACKAGE,...]   makes it; $root is its folder. Its packages come from $MIRROR, by default the mirror
#                                   that this machine's apt has, and are kept in $CACHE, if that is set.
#   root_run COMMAND...             runs a command in it, as root. The network is this machine's, since apt needs it; the
#                                   tests make namespaces of their own.

root=

root_fail() {
	echo "${0##*/}: $*" >&2
	exit 1
}

root_gone() {
	[ -n "$root" ] || return 0
	rm -rf --one-file-system "$root"
	root=
}

root_mirror() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
		awk '$3 == "main" && $2 !~ /-/ { print $1; exit }'
}

# Updates and security, as an installer would set them up. Not every mirror has the latter.
root_sources() { # SUITE MIRROR
	local base=${2%/}

	printf 'deb %s %s main\n' "$base" "$1" "$base" "$1-updates" >"$root/etc/apt/sources.list"
	[ "${base##*/}" != debian ] ||
		printf 'deb %s %s main\n' "$base-security" "$1-security" >>"$root/etc/apt/sources.list"
	echo 'Acquire::Languages "none";' >"$root/etc/apt/apt.conf.d/10fresh"
}

root_make() { # SUITE [PACKAGE,...]
	local mirror=${MIRROR:-$(root_mirror)}

	[ "$(id -u)" = 0 ] || root_fail "needs root"
	command -v debootstrap >/dev/null || root_fail "needs debootstrap: apt-get install debootstrap"
	[ -n "$mirror" ] || root_fail "apt names no mirror: give one, MIRROR=http://deb.debian.org/debian"
	root=$(mktemp -d /var/tmp/rld-fresh-XXXXXX)
	chmod 755 "$root"
	trap root_gone EXIT
	trap 'exit 130' INT TERM
	debootstrap --variant=minbase ${2:+--include="$2"} ${CACHE:+--cache-dir="$(realpath "$CACHE")"} "$1" "$root" "$mirror" \
		>"$root.log" 2>&1 || {
		tail -n 20 "$root.log" >&2
		root_fail "debootstrap of $1 from $mirror failed"
	}
	rm -f "$root.log"
	root_sources "$1" "$mirror"
	cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null
	echo "127.0.0.1 localhost" >"$root/etc/hosts"
	mkdir -p "$root/var/cache/apt/archives"
}

# What a machine has mounted when it is up. Runs in the namespaces of root_run.
root_enter() { # ROOT CACHE COMMAND...
	local root=$1 cache=$2

	shift 2
	set -e
	mount --bind "$root" "$root" # `ip netns exec` wants / to be a mount
	mount -t proc proc "$root/proc"
	mount -t sysfs sysfs "$root/sys"
	mount -t bpf bpf "$root/sys/fs/bpf"
	mount -t tmpfs tmpfs "$root/run"
	mount -t tmpfs tmpfs "$root/tmp"
	mount --rbind /dev "$root/dev"
	[ -z "$cache" ] || mount --bind "$cache" "$root/var/cache/apt/archives"
	exec chroot "$root" env -i HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

root_run() { # COMMAND...
	# shellcheck disable=SC2016
	unshare --mount --pid --ipc --uts --fork --kill-child bash -c '. "$1"; shift; root_enter "$@"' - \
		"${BASH_SOURCE[0]}" "$root" "${CACHE:+$(realpath "$CACHE")}" "$@" </dev/null
}
