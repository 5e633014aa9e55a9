#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The C sources are as `make format` leaves them.
. "$(dirname "$0")/tap.bash"

VERSION=14 # another version of clang-format breaks lines elsewhere

name="the sources are formatted"
version=$(clang-format --version 2>/dev/null | grep -o 'version [0-9]*' | head -n 1)
if [ -z "$version" ]; then
	skip "$name" "clang-format is not installed"
elif [ "$version" != "version $VERSION" ]; then
	skip "$name" "clang-format is $version, the format is that of $VERSION"
else
	result "$name" "$(files '*.c' '*.h' | xargs clang-format --dry-run -Werror 2>&1 |
		sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: error.*/\1/p' | sort | uniq -c | awk '{ print $2 ": " $1 " places (make format)" }')"
fi
finish
