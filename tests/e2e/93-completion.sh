#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Completion in a real bash knows the limits at work, and is silent when rld does not run.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# What bash offers behind these words: the last one is begun only, and may be empty.
offered() { # WORD...
	# shellcheck disable=SC2016
	PATH=$build:$PATH timeout 10 bash --norc -c '. "$1"; shift; COMP_WORDS=(rlctl "$@") COMP_CWORD=$#; _rlctl
		echo "${COMPREPLY[*]}"' - "$top/packaging/rlctl.bash" "$@" 2>&1
}

net_up
rld_start <<END
attach srv0
set-limit ssh 6/minute match tcp dport 22
set-limit smtp 30/minute match tcp dport 25
set-limit 1000/second
END
export RLD_SOCKET=$tmp/sock
is "limits to delete" "$(offered del-limit '')" "ssh smtp default"
is "... that begin so" "$(offered disable sm)" "smtp"
is "... behind options" "$(offered -j --timeout 3 stats s)" "ssh smtp"
is "... as an option's value" "$(offered sources --top 3 --limit s)" "ssh smtp"
is "... to set again" "$(offered set-limit d)" "default"
export RLD_SOCKET=$tmp/none
is "... of another socket" "$(offered -s "$tmp/sock" enable '')" "ssh smtp default"
is "... and none without rld" "$(offered del-limit '')" ""
is "... where words are offered all the same" "$(offered mode e)" "enforce"
touch "$tmp/a b.conf"
is "files with blanks" "$(offered check "$tmp/a")" "$tmp/a b.conf"
finish
