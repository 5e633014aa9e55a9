# SPDX-License-Identifier: GPL-2.0-only
"""What stands in the receiver's way: nothing, a program that drops, rld, nftables, iptables.

Each is a context manager that leaves the receiver as it was.
"""
import contextlib
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile

from net import Failed, alive, sh, wait_until

BPFFS = "/sys/fs/bpf/rld-bench-"


@contextlib.contextmanager
def nothing(net):
    yield None


@contextlib.contextmanager
def dropping(net, build):
    link = ["ip", "-n", net.rx, "link", "set", "dev", net.rx_dev, "xdpdrv"]
    sh(*link, "obj", os.path.join(build, "tests/bench/drop.bpf.o"), "sec", "xdp")
    try:
        yield None
    finally:
        sh(*link, "off")


class Rld:
    """A daemon of one build, as a user would run it: its own socket, pins, state and address."""

    def __init__(self, net, build, sources_max, statements=()):
        self.net, self.build, self.process = net, build, None
        self.statements = ["set-option sources-max %d" % sources_max, *statements]
        self.dir = tempfile.mkdtemp(prefix="rld-bench-")
        self.bpffs = "%s%d" % (BPFFS, os.getpid())
        self.socket = os.path.join(self.dir, "sock")
        self.link = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *unused):
        self.stop()

    def start(self):
        config = os.path.join(self.dir, "rld.conf")
        with open(config, "w") as f:
            f.write("".join(s + "\n" for s in ["attach " + self.net.rx_dev, *self.statements]))
        self.log = open(os.path.join(self.dir, "log"), "w")
        self.process = subprocess.Popen(
            [*self.net.inside(self.net.rx), "taskset", "-c", str(self.net.tx_cpu),
             os.path.join(self.build, "rld"), "--config", config, "--socket", self.socket,
             "--bpffs", self.bpffs, "--state-dir", os.path.join(self.dir, "state"),
             "--listen", "127.0.0.1:9779"], stdout=self.log, stderr=self.log)
        wait_until(self.attached, lambda: "rld was attached: " + self.last_words(), 30)
        self.link = glob.glob(self.bpffs + "/link_*")[0]

    def last_words(self):
        self.log.flush()
        with open(self.log.name) as f:
            return f.read()[-600:]

    def attached(self):
        if self.process.poll() is not None:
            raise Failed("rld ended: " + self.last_words())
        return glob.glob(self.bpffs + "/link_*") and self.ctl("status", check=False)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
        if os.path.isdir(self.bpffs):
            sh(os.path.join(self.build, "rld"), "--detach", "--bpffs", self.bpffs, check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def ctl(self, *words, check=True):
        return sh(os.path.join(self.build, "rlctl"), "-t", "60", "-s", self.socket, *words,
                  check=check)

    def json(self, *words):
        return json.loads(self.ctl("-j", *words))["data"]


def remove_stale():
    """Pins of runs that were killed."""
    for path in glob.glob(BPFFS + "*"):
        made = re.fullmatch(re.escape(BPFFS) + r"(\d+)", path)
        if made and not alive(int(made[1])):
            for pin in glob.glob(path + "/*"):
                os.unlink(pin)
            os.rmdir(path)
