"""Walls that a process puts up around itself and cannot take down: no network, no processes.

The kernel's filter of system calls (seccomp) does it for root and for others alike. Where there
is none (another system, another processor), an empty network namespace and the limit on
processes do what they can, and the doctor says so.
"""

import ctypes
import os
import platform
import resource
import socket
import struct
import sys
from typing import NoReturn

_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_NEW_USER, _NEW_NET = 0x1000_0000, 0x4000_0000
_THREAD = 0x0001_0000

# A filter is a list of (code, jump if true, jump if false, constant).
_LOAD, _EQUAL, _AT_LEAST, _HAS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
_NUMBER, _MACHINE, _FIRST = 0, 4, 16
_EPERM, _ENOSYS = 1, 38

_X86, _ARM = "x86_64", "aarch64"
_MACHINES = {_X86: 0xC000_003E, _ARM: 0xC000_00B7}
# Numbers by machine; -1 where the machine has no such call.
_REFUSED: dict[str, tuple[int, int]] = {
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "sendto": (44, 206),
    "fork": (57, -1),
    "vfork": (58, -1),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "tkill": (200, 130),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "rt_sigqueueinfo": (129, 138),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "chroot": (161, 51),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "io_uring_setup": (425, 425),
}
_CLONE, _CLONE3, _KILL_CALL, _TGKILL = (56, 220), (435, 435), (62, 129), (234, 131)
_X32 = 0x4000_0000


def put_up() -> dict[str, bool]:
    """Put up what this system has, and return which stand."""
    filtered = sys.platform == "linux" and _filter_calls()
    apart = not filtered and sys.platform == "linux" and _leave_the_network()
    if not filtered:
        # Counts all processes of this user, so that it only ever means "no more"; not for root.
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        _forget_sockets()
    return {"no_network": filtered or apart, "no_processes": filtered or os.getuid() != 0}


def _filter_calls() -> bool:
    machine = platform.machine() if sys.maxsize > 2**32 else ""
    if machine not in _MACHINES:
        return False
    steps = _steps(machine)
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(steps), ctypes.addressof(buffer))
    )
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(library.prctl(_SET_SECCOMP, _FILTER, program, 0, 0) == 0)


def _steps(machine: str) -> list[tuple[int, int, int, int]]:
    column = list(_MACHINES).index(machine)
    steps = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 1, 0, _MACHINES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == _X86:
        steps += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    for numbers in _REFUSED.values():
        if numbers[column] >= 0:
            steps += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _ERROR | _EPERM)]
    # The library falls back from clone3 to clone, whose flags can be looked at: threads only.
    steps += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _ERROR | _ENOSYS)]
    steps += [
        (_EQUAL, 0, 4, _CLONE[column]),
        (_LOAD, 0, 0, _FIRST),
        (_HAS, 1, 0, _THREAD),
        (_RETURN, 0, 0, _ERROR | _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    for call in (_KILL_CALL, _TGKILL):
        steps += [
            (_EQUAL, 0, 4, call[column]),
            (_LOAD, 0, 0, _FIRST),
            (_EQUAL, 1, 0, os.getpid()),
            (_RETURN, 0, 0, _ERROR | _EPERM),
            (_RETURN, 0, 0, _ALLOW),
        ]
    return [*steps, (_RETURN, 0, 0, _ALLOW)]


def _leave_the_network() -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    return any(library.unshare(flags) == 0 for flags in (_NEW_NET, _NEW_NET | _NEW_USER))


def _forget_sockets() -> None:
    def refused(*_given: object, **_named: object) -> NoReturn:
        raise PermissionError(_EPERM, "A child has no network.")

    for name in ("socket", "create_connection", "socketpair", "getaddrinfo"):
        setattr(socket, name, refused)
