# SPDX-License-Identifier: GPL-2.0-only
"""Another commit's rld, built by its own Makefile in a git worktree that is gone afterwards."""
import contextlib
import os
import re
import shutil

from net import Failed, alive, sh

PREFIX = "bench-base-"


def remove(path):
    sh("git", "worktree", "remove", "--force", path, check=False)
    shutil.rmtree(path, ignore_errors=True)
    sh("git", "worktree", "prune", check=False)


def remove_stale(build):
    for name in os.listdir(build):
        made = re.fullmatch(PREFIX + r"(\d+)", name)
        if made and not alive(int(made[1])):
            remove(os.path.join(build, name))


@contextlib.contextmanager
def built(commit, build):
    """Yields where the commit was built and its full name."""
    path = os.path.join(build, PREFIX + str(os.getpid()))
    # What `make bench` was told is not meant for the other Makefile.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    full = sh("git", "rev-parse", "--verify", "--quiet", commit + "^{commit}", check=False).strip()
    if not full:
        raise Failed("there is no commit %s" % commit)
    remove_stale(build)
    try:
        sh("git", "worktree", "add", "--detach", path, full)
        sh("make", "-C", path, "B=build", "-j%d" % os.cpu_count(), "all", env=environment)
        yield os.path.join(path, "build"), full
    finally:
        remove(path)
