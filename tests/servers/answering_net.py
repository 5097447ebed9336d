"""A network of its own in which every address answers, every name has an address, and whatever is sent is written down.

To be used by a process in a fresh network and mount namespace (`unshare --net --mount`), as root.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import struct
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

NAME_SERVER = "198.51.100.53"
PORTS = (22, 25, 80, 110, 143, 443, 465, 587, 853, 993, 995, 1080, 3128, 4317, 4318, 8080, 8443, 9050, 11434)
"""Ports on which somebody takes connections, at every address: those of what would be talked to behind one's back."""
_LAST = ("192.0.2.1", 9)
"""Where a packet goes that says only that all before it were seen."""
_ALL_PACKETS, _TO_US = 0x0003, 0
_IPV4, _IPV6 = 0x0800, 0x86DD
_TCP, _UDP = 6, 17
_SYN, _ACK = 0x02, 0x10
_A, _AAAA = 1, 28


@dataclass(frozen=True)
class Packet:
    """The first packet of a connection, or one without connections: where to, and the port that it came from.

    `sequence` is TCP's first number: the same in a packet that is sent again, another in a port's next connection.
    """

    kind: str
    address: str
    port: int
    source: int
    sequence: int = 0


@dataclass
class Answering:
    """The network; `names` have these addresses and no IPv6 ones, all others some address of 198.18.0.0/15."""

    names: Mapping[str, str] = field(default_factory=dict)
    packets: list[Packet] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)
    _last: threading.Event = field(default_factory=threading.Event)

    def start(self, folder: Path) -> None:
        """Put it in the place of whatever network there is; `folder` is for the files that names are looked up by."""
        for line in (
            "link set lo up",
            "route add local 0.0.0.0/0 dev lo",
            "-6 route add local ::/0 dev lo",
        ):
            subprocess.run(["ip", *line.split()], check=True)
        for file, text in (
            ("resolv.conf", f"nameserver {NAME_SERVER}\noptions timeout:5\n"),
            ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
            ("hosts", "127.0.0.1 localhost\n::1 localhost\n"),
        ):
            (folder / file).write_text(text)
            subprocess.run(["mount", "--bind", str(folder / file), str(Path("/etc", file).resolve())], check=True)
        sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL_PACKETS))
        sniffer.bind(("lo", _ALL_PACKETS))
        sniffer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_000_000)
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind((NAME_SERVER, 53))
        for serve, own in ((self._sniff, sniffer), (self._name, server)):
            threading.Thread(target=serve, args=(own,), daemon=True).start()
        for port in PORTS:
            taken = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
            threading.Thread(target=_take, args=(taken,), daemon=True).start()

    def leave_few_ports(self) -> None:
        """Have so few ports to connect from that each is used again, as over a longer day; for when the servers are there."""
        Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("28000 28031")

    def mark(self) -> None:
        """Forget what was sent until now."""
        self._see_all()
        self.packets.clear()
        self.lookups.clear()

    def seen(self) -> dict[str, object]:
        """What was sent: packets, each once however often it was, and the names that were looked up."""
        self._see_all()
        return {"packets": [asdict(each) for each in dict.fromkeys(self.packets)], "lookups": sorted(set(self.lookups))}

    def _see_all(self) -> None:
        """Wait until the thread that reads packets has come to what is sent now, and so to all before it."""
        self._last.clear()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.sendto(b"x", _LAST)
        assert self._last.wait(60), "what is sent is not seen"

    def _sniff(self, sniffer: socket.socket) -> None:
        while True:
            packet, (_, kind, way, *_) = sniffer.recvfrom(65_535)
            found = _read(packet, kind) if way == _TO_US else None
            if found and (found.kind, found.address, found.port) == ("udp", *_LAST):
                self._last.set()
            elif found:
                self.packets.append(found)

    def _name(self, server: socket.socket) -> None:
        while True:
            question, asker = server.recvfrom(4096)
            with suppress(IndexError, struct.error):
                server.sendto(self._answer(question), asker)

    def _answer(self, question: bytes) -> bytes:
        """One address for whatever name is asked for (RFC 1035, 4.1)."""
        labels, at = [], 12
        while length := question[at]:
            labels.append(question[at + 1 : at + 1 + length].decode("ascii", "replace"))
            at += 1 + length
        (wanted,) = struct.unpack_from(">H", question, at + 1)
        name = ".".join(labels).lower()
        self.lookups.append(name)
        other = str(ipaddress.IPv4Address("198.18.0.0") + sum(name.encode()) % 65_536)
        address = b""
        if wanted == _A:
            address = ipaddress.ip_address(self.names.get(name, other)).packed
        elif wanted == _AAAA and name not in self.names:
            address = ipaddress.ip_address(f"2001:db8::{sum(name.encode()) % 65_536:x}").packed
        answers = struct.pack(">HHHIH", 0xC00C, wanted, 1, 60, len(address)) + address if address else b""
        header = question[:2] + struct.pack(">HHHHH", 0x8180, 1, 1 if address else 0, 0, 0)
        return header + question[12 : at + 5] + answers


def _read(packet: bytes, kind: int) -> Packet | None:
    """A packet that begins something: a SYN, or a datagram that is no answer of the name server's."""
    if kind == _IPV4:
        above, start, address = packet[9], (packet[0] & 0xF) * 4, str(ipaddress.IPv4Address(packet[16:20]))
    elif kind == _IPV6:
        above, start, address = packet[6], 40, str(ipaddress.IPv6Address(packet[24:40]))
    else:
        return Packet(f"ethertype {kind:#06x}", "", 0, 0)
    if above == _TCP:
        source, port, sequence = struct.unpack_from(">HHI", packet, start)
        begins = packet[start + 13] & (_SYN | _ACK) == _SYN
        return Packet("tcp", address, port, source, sequence) if begins else None
    if above == _UDP:
        source, port = struct.unpack_from(">HH", packet, start)
        return None if source == 53 else Packet("udp", address, port, source)
    # What the kernel itself says of hosts and ports that are not there, and of neighbours.
    return None if above in {1, 58, 0} else Packet(f"protocol {above}", address, 0, 0)


def _take(server: socket.socket) -> None:
    while True:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.settimeout(0.2)
            connection.recv(65_536)


def written(file: Path, document: object) -> None:
    """Write a document for whoever started this."""
    file.write_text(json.dumps(document, indent=1))
