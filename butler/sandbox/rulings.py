"""Which system calls a role may make, and why: a list of what is refused and, for some roles, one of what is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from butler.sandbox.bpf import ALLOW, REFUSE, UNKNOWN, Only, Ruling

Kind = Literal["allow-list", "deny-list"]

_AF_UNIX = 1
_SOCK_STREAM, _SOCK_SEQPACKET, SOCK_TYPES = 1, 5, 0xF
_MSG_FASTOPEN = 0x20000000
_O_ACCMODE, _O_TRUNC = 3, 0o1000
_CLONE_THREAD = 0x00010000
CLONE_NEW = 0x7E020000
"""All namespaces: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET."""
_FCNTLS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1031, 1032, 1033, 1034)
"""Copies, flags, locks, sizes of pipes, seals: nothing that has the kernel send signals, or watches folders."""
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: what asks a descriptor, or sets how it waits and is inherited."""
PRCTLS = (3, 15, 16, 23, 27, 39, 0x53564D41)
"""GET_DUMPABLE, SET_NAME, GET_NAME, CAPBSET_READ, GET_SECUREBITS, GET_NO_NEW_PRIVS, SET_VMA (names of memory)."""
BAD_MODES = 0o7002
"""Mode bits that let strangers write, or lend a program its owner's rights."""

# mmap and mprotect with PROT_EXEC are left alone: ctypes and shared libraries that are loaded late need them. What runs in the
# process is Python in any case, and can do whatever its calls may do.

REFUSED = {
    "to run another program, or go on as another process": "execve execveat fork vfork",
    "to have sockets: connections are made by others and handed over": "socket connect bind listen accept accept4",
    "to look into or act upon other processes": """
        ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_getfd pidfd_send_signal tkill
        rt_sigqueueinfo rt_tgsigqueueinfo migrate_pages move_pages setpriority sched_setaffinity sched_setattr sched_setparam
        sched_setscheduler ioprio_set""",
    "to share memory, queues and semaphores by name or number": """
        mq_open mq_unlink msgget msgctl msgrcv msgsnd semget semctl semop semtimedop shmget shmat shmctl""",
    "to see another world": """
        unshare setns chroot pivot_root mount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick
        swapon swapoff quotactl quotactl_fd""",
    "to see and change of files what Landlock does not know": """
        getxattr lgetxattr listxattr llistxattr setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
        chmod fchmodat chown fchown lchown fchownat truncate utime utimes futimesat utimensat mknod mknodat
        name_to_handle_at open_by_handle_at acct fanotify_init fanotify_mark
        inotify_init inotify_init1 inotify_add_watch inotify_rm_watch""",
    "to be somebody else": """
        setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset personality""",
    "to change the machine": """
        init_module finit_module delete_module kexec_load kexec_file_load reboot sethostname setdomainname
        settimeofday clock_settime adjtimex clock_adjtime iopl ioperm modify_ldt vhangup syslog""",
    "to use parts of the kernel that no tool needs and that were often broken": """
        bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register io_setup io_submit keyctl add_key
        request_key splice tee vmsplice memfd_secret remap_file_pages uselib ustat sysfs _sysctl nfsservctl lookup_dcookie
        seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self""",
}

# Recorded from the parsers of mail, calendars and notes and from the readers and writers of folders as their tests run them,
# and then written by hand: what belongs together stays together, and what the other machine or another C library calls
# instead is there as well.
ALLOWED = {
    "to read, write and wait": """
        read readv pread64 preadv write writev pwrite64 pwritev lseek close close_range dup dup2 dup3 pipe2
        poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait""",
    "to look at files, also for modules that are imported late; which may be read, Landlock says": """
        stat lstat fstat newfstatat statx access faccessat faccessat2 readlink readlinkat getcwd getdents64""",
    "for memory": "mmap munmap mprotect mremap madvise brk",
    "for threads": "futex set_robust_list rseq sched_yield sched_getaffinity getcpu",
    "to end, and to be interrupted": "exit exit_group rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall",
    "to know itself and its limits": """
        getpid gettid getppid getuid geteuid getgid getegid uname sysinfo getrusage times getrlimit setrlimit""",
    "for the time and for chance": "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time getrandom",
    "to talk over connections that it was given": "recvfrom recvmsg shutdown getsockopt setsockopt getsockname getpeername",
}

KEEPING = """rename renameat renameat2 link linkat unlink unlinkat mkdir mkdirat rmdir fsync fdatasync ftruncate flock umask
    copy_file_range sendfile"""
"""To keep files in a folder; which, Landlock says."""


def rulings(kind: Kind, own: int, *, keeps: bool, beneath: bool = False) -> Iterator[Ruling]:
    """List what comes of each call for the process `own`; `keeps`: whether it may write files. The rest is as `kind` says.

    `beneath`: whether it may open files by openat2, which stays below a folder; what that is asked cannot be looked at, so
    Landlock has to know all that could be done by it.
    """
    yield from _looked_at(own)
    yield Ruling("openat2", ALLOW if beneath else UNKNOWN)
    yield Ruling("fchmod", ALLOW, (Only(1, (0,), BAD_MODES),)) if keeps else Ruling("fchmod", REFUSE)
    if kind == "deny-list":
        for names in REFUSED.values():
            yield from (Ruling(name, REFUSE) for name in names.split())
        return
    for names in (*ALLOWED.values(), KEEPING if keeps else ""):
        yield from (Ruling(name, ALLOW) for name in names.split())


def _looked_at(own: int) -> Iterator[Ruling]:
    """Calls of which the arguments decide, for every role but a guest."""
    yield from (Ruling(name, ALLOW, (Only(0, (own,)),)) for name in ("kill", "tgkill", "pidfd_open"))
    yield Ruling("prlimit64", ALLOW, (Only(0, (0, own)),))
    # Threads, no processes and no namespaces.
    yield Ruling("clone", ALLOW, (Only(0, (_CLONE_THREAD,), _CLONE_THREAD | CLONE_NEW),))
    yield from for_all()


def for_all() -> Iterator[Ruling]:
    """Calls of which the arguments decide, for every role."""
    # A pair of datagram sockets could write to any socket that has a name in the file system.
    pair = (Only(0, (_AF_UNIX,)), Only(1, (_SOCK_STREAM, _SOCK_SEQPACKET), SOCK_TYPES))
    yield Ruling("socketpair", ALLOW, pair)
    # This flag connects while it sends.
    yield from (Ruling(name, ALLOW, (Only(3, (0,), _MSG_FASTOPEN),)) for name in ("sendto", "sendmmsg"))
    yield Ruling("sendmsg", ALLOW, (Only(2, (0,), _MSG_FASTOPEN),))
    # What clone3 is asked cannot be looked at, so it is not there.
    yield Ruling("clone3", UNKNOWN)
    yield Ruling("prctl", ALLOW, (Only(0, PRCTLS),))
    yield Ruling("ioctl", ALLOW, (Only(1, _IOCTLS),), REFUSE)
    yield Ruling("fcntl", ALLOW, (Only(1, _FCNTLS),))
    # Before Landlock knew truncating, a file that may only be read could be emptied, and one opened in mode 3 as well.
    yield Ruling("open", ALLOW, (_opened(1),))
    yield Ruling("openat", ALLOW, (_opened(2),))


def _opened(flags: int) -> Only:
    """A file is opened to be read without emptying it, to be written, or both."""
    return Only(flags, (0, 1, 2, 1 | _O_TRUNC, 2 | _O_TRUNC), _O_ACCMODE | _O_TRUNC)
