# SPDX-License-Identifier: GPL-2.0-only
"""Two network namespaces joined by a veth pair, and what their devices and threads count.

Traffic goes from `tx` to `rx` and nowhere else. All names hold the process id; what an earlier run
that was killed left behind is removed.
"""
import array
import contextlib
import ctypes
import fcntl
import glob
import os
import re
import signal
import socket
import struct
import subprocess
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
SIOCETHTOOL, GSSET_INFO, GSTRINGS, GSTATS, SGRO = 0x8946, 0x37, 0x1B, 0x1D, 0x2C


class Failed(Exception):
    """What the user is told, without a trace."""


def sh(*words, check=True, **how):
    done = subprocess.run(words, text=True, capture_output=True, check=False, **how)
    if check and done.returncode:
        raise Failed("%s: %s" % (" ".join(words), (done.stderr or done.stdout).strip()))
    return done.stdout


def alive(pid):
    return os.path.exists("/proc/%d" % pid)


@contextlib.contextmanager
def entered(netns):
    """Sockets that are made inside stay there."""
    with open("/proc/self/ns/net") as home, open("/run/netns/" + netns) as away:
        if LIBC.setns(away.fileno(), CLONE_NEWNET):
            raise Failed("cannot enter %s" % netns)
        try:
            yield
        finally:
            LIBC.setns(home.fileno(), CLONE_NEWNET)


class Ethtool:
    """A device's driver and its counters, without a process for each look."""

    def __init__(self, netns, dev):
        with entered(netns):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.dev = dev.encode()
        info = self.ask(struct.pack("=IIQI", GSSET_INFO, 0, 2, 0))
        self.count = struct.unpack_from("=I", info, 16)[0]
        names = self.ask(struct.pack("=III", GSTRINGS, 1, self.count) + bytes(32 * self.count))
        self.names = [names[12 + 32 * i:44 + 32 * i].split(b"\0")[0].decode()
                      for i in range(self.count)]

    def ask(self, request):
        memory = array.array("B", request)
        ifreq = struct.pack("16sQ16x", self.dev, memory.buffer_info()[0])
        fcntl.ioctl(self.socket, SIOCETHTOOL, ifreq)
        return memory.tobytes()

    def gro_on(self):
        """Without a program on it, a veth polls, and so has a thread, for this only."""
        self.ask(struct.pack("=II", SGRO, 1))

    def packets(self):
        answer = self.ask(struct.pack("=II", GSTATS, self.count) + bytes(8 * self.count))
        values = dict(zip(self.names, struct.unpack_from("=%dQ" % self.count, answer, 8)))
        return values["rx_queue_0_xdp_packets"]


def thread_of(dev):
    """The kernel thread that receives for the device."""
    for path in glob.glob("/proc/[0-9]*/comm"):
        with contextlib.suppress(OSError), open(path) as comm:
            if comm.read().startswith("napi/%s-" % dev):
                return int(path.split("/")[2])
    raise Failed("no thread receives for %s: the kernel has no threaded NAPI for veth, or hides its threads (a PID namespace)" % dev)


def schedstat(pid):
    """Nanoseconds that the thread ran, and that it waited for others on its CPU."""
    with open("/proc/%d/schedstat" % pid) as f:
        ran, waited, _ = f.read().split()
        return int(ran), int(waited)


def cpu_ns(pid):
    return schedstat(pid)[0]


class Net:
    """tx (192.0.2.1) and rx (192.0.2.2), which receives on a thread of its own on the last CPU."""

    def __init__(self):
        self.name = "rld-bench-%d" % os.getpid()
        self.tx, self.rx = self.name + "-tx", self.name + "-rx"
        self.tx_dev, self.rx_dev = "bt%d" % os.getpid(), "br%d" % os.getpid()
        self.mac = "02:00:00:00:0b:01"
        self.cpus = sorted(os.sched_getaffinity(0))
        if len(self.cpus) < 2:
            raise Failed("two CPUs are needed: one sends, one receives")
        self.rx_cpu, self.tx_cpu = self.cpus[-1], self.cpus[0]

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *unused):
        self.down()

    def up(self):
        for ns in self.tx, self.rx:
            sh("ip", "netns", "add", ns)
            for name in "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1", \
                    "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0":
                sh(*self.inside(ns), "sysctl", "-qw", name)
            sh("ip", "-n", ns, "link", "set", "lo", "up")
        sh("ip", "-n", self.tx, "link", "add", self.tx_dev, "type", "veth", "peer", "name",
           self.rx_dev, "address", self.mac, "netns", self.rx)
        self.counters = Ethtool(self.rx, self.rx_dev)
        self.counters.gro_on()
        for ns, dev, addr in (self.tx, self.tx_dev, "192.0.2.1/24"), (self.rx, self.rx_dev, "192.0.2.2/24"):
            sh("ip", "-n", ns, "addr", "add", addr, "dev", dev)
            sh("ip", "-n", ns, "link", "set", dev, "up")
        sh("ip", "-n", self.rx, "neigh", "add", "192.0.2.1", "lladdr", "02:00:00:00:00:01",
           "dev", self.rx_dev, "nud", "permanent")
        sh("ip", "-n", self.rx, "route", "add", "default", "via", "192.0.2.1")

    def down(self):
        for ns in self.tx, self.rx:
            remove_netns(ns)

    @staticmethod
    def inside(ns):
        """`ip netns exec` would hide the bpffs."""
        return ["nsenter", "--net=/run/netns/" + ns]

    def in_rx(self, *words, **how):
        return sh(*self.inside(self.rx), *words, **how)

    def receiver(self):
        """The thread that receives, on its CPU. It is made anew when a program comes or goes."""
        # Here `ip netns exec` is right: sysfs shows the devices of where it was mounted.
        sh("ip", "netns", "exec", self.rx, "sh", "-c",
           "echo 1 >/sys/class/net/%s/threaded" % self.rx_dev)
        pid = thread_of(self.rx_dev)
        os.sched_setaffinity(pid, {self.rx_cpu})
        return pid


def remove_netns(ns):
    for pid in sh("ip", "netns", "pids", ns, check=False).split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    sh("ip", "netns", "del", ns, check=False)


def remove_stale():
    for ns in os.listdir("/run/netns") if os.path.isdir("/run/netns") else []:
        made = re.fullmatch(r"rld-bench-(\d+)-[rt]x", ns)
        if made and not alive(int(made[1])):
            remove_netns(ns)


def wait_until(done, what, seconds=20):
    """`what` makes the words of what did not come to pass, when it did not."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise Failed("gave up waiting until " + what())
        time.sleep(0.02)
