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
def program(net, build, name):
    """A program of this folder that drops everything."""
    link = ["ip", "-n", net.rx, "link", "set", "dev", net.rx_dev, "xdpdrv"]
    sh(*link, "obj", os.path.join(build, "tests/bench/%s.bpf.o" % name), "sec", "xdp")
    try:
        yield None
    finally:
        sh(*link, "off")


@contextlib.contextmanager
def stage(net, build, name, statements):
    """rld's program cut short after a stage, on the maps of an rld that enforces on the loopback."""
    link = ["ip", "link", "set", "dev", net.rx_dev, "xdpdrv"]  # not ip -n, which hides the pins
    with Rld(net, build, 65536, statements, device="lo") as running:
        pins = running.bpffs + "/stages"
        maps = [word for path in glob.glob(running.bpffs + "/*") if is_map(path)
                for word in ("map", "name", os.path.basename(path), "pinned", path)]
        try:
            sh(bpftool(), "prog", "loadall", os.path.join(build, "tests/bench/stages.bpf.o"), pins, *maps)
            net.in_rx(*link, "pinned", os.path.join(pins, name))
            yield None
        finally:
            net.in_rx(*link, "off")
            shutil.rmtree(pins, ignore_errors=True)


def is_map(pin):
    """Of the program, that is: beside them there are links, names of interfaces, and the stamps of the maps."""
    return not (os.path.islink(pin) or os.path.basename(pin).startswith("link_") or os.path.basename(pin) == "layout")


def bpftool():
    """Ubuntu's is for one kernel, and where that is says the Makefile's way of looking."""
    for path in [*sorted(glob.glob("/usr/lib/linux-tools/*/bpftool")), "/usr/sbin/bpftool", "bpftool"]:
        if shutil.which(path) and sh(path, "version", check=False):
            return path
    raise Failed("there is no bpftool")


NFTABLES = """
table netdev bench {
	set sources { type ipv4_addr; size 2097152; flags dynamic,timeout; timeout 5m; }
	chain in {
		type filter hook ingress device %s priority 0;
		update @sources { ip saddr limit rate over 1/hour } drop
	}
}
"""


@contextlib.contextmanager
def nftables(net, build):
    """A dynamic set with a limit for each element, as early as nftables can."""
    need("nft")
    net.in_rx("nft", "-f", "-", input=NFTABLES % net.rx_dev)
    try:
        yield None
    finally:
        net.in_rx("nft", "delete", "table", "netdev", "bench")


@contextlib.contextmanager
def hashlimit(net, build):
    """The match of iptables, in the raw table; by the older command, since the newer one is nftables again."""
    need("iptables-legacy")
    rule = ["iptables-legacy", "-t", "raw", "-%s", "PREROUTING", "-p", "udp", "-m", "hashlimit",
            "--hashlimit-name", "bench", "--hashlimit-above", "1/minute", "--hashlimit-mode", "srcip",
            "--hashlimit-htable-size", "1048576", "--hashlimit-htable-max", "1048576", "-j", "DROP"]
    net.in_rx(*[w.replace("%s", "A") for w in rule])
    try:
        yield None
    finally:
        net.in_rx(*[w.replace("%s", "D") for w in rule])


def need(command):
    if not shutil.which(command):
        raise Failed("there is no " + command)


class Rld:
    """A daemon of one build, as a user would run it: its own socket, pins, state and address."""

    def __init__(self, net, build, sources_max, statements=(), device=None):
        self.net, self.build, self.process = net, build, None
        self.device = device or net.rx_dev
        self.statements = ["set-option sources-max %d" % sources_max, *statements]
        self.dir = tempfile.mkdtemp(prefix="rld-bench-%d-" % os.getpid())
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
            f.write("".join(s + "\n" for s in ["attach " + self.device, *self.statements]))
        self.log = open(os.path.join(self.dir, "log"), "w")
        self.process = subprocess.Popen(
            [*self.net.inside(self.net.rx), "taskset", "-c", str(self.net.tx_cpu),
             os.path.join(self.build, "rld"), "--config", config, "--socket", self.socket,
             "--bpffs", self.bpffs, "--state-dir", os.path.join(self.dir, "state"),
             "--listen", "127.0.0.1:9779"], stdout=self.log, stderr=self.log)
        wait_until(self.attached, lambda: "rld was attached: " + self.last_words(), 30)
        self.link = glob.glob(self.bpffs + "/link_*")[0]

    @property
    def pid(self):
        """Of rld itself: what started it has become it."""
        return self.process.pid

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
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
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
    """Pins and files of runs that were killed."""
    for path in glob.glob(BPFFS + "*") + glob.glob(tempfile.gettempdir() + "/rld-bench-*"):
        made = re.fullmatch(r".*/rld-bench-(\d+)(-.*)?", path)
        if not made or alive(int(made[1])):
            continue
        if path.startswith(BPFFS):
            for pin in glob.glob(path + "/*"):
                os.unlink(pin)
            os.rmdir(path)
        else:
            shutil.rmtree(path, ignore_errors=True)
