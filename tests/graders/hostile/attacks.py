"""What hostile models try, as Python that a Lambda layer runs.

Each attack sees `x` (the model's input) and a dictionary `aim` of paths and numbers that a real attacker would find
out alone. It marks the attempts that succeeded with `won(bit)`; the model's prediction for every row is the sum
of 2**bit over them, so a test can read from the score which got through. Attempts that must leave a trace (a file, a
connection) are looked for from outside as well.
"""

from __future__ import annotations

PRELUDE = """
import ctypes, errno, os, signal, socket, struct, subprocess, sys, threading, time
successes = set()
def won(bit, attempt, check=lambda result: True):
    try:
        result = attempt()
    except BaseException:
        return
    if check(result):
        successes.add(bit)
def call(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result
def connected(family, kind, address):
    with socket.socket(family, kind) as s:
        s.settimeout(2)
        s.connect(address)
        s.send(b"stolen")
"""

READ = """
won(0, lambda: open("/etc/passwd", "rb").read())
won(1, lambda: open(aim["labels"], "rb").read())
won(2, lambda: open(aim["package"], "rb").read())
won(3, lambda: os.listdir(aim["folder"]))
won(4, lambda: os.listdir("/"))
won(5, lambda: os.listdir(aim["packages"]))
won(6, lambda: open(f"/proc/{os.getppid()}/environ", "rb").read())
won(7, lambda: open(f"/proc/{os.getppid()}/maps", "rb").read())
won(8, lambda: open(f"/proc/{os.getppid()}/mem", "rb"))
won(9, lambda: os.listdir(f"/proc/{os.getppid()}/fd"))
won(10, lambda: open(aim["secret"], "rb").read())
won(11, lambda: os.readlink(f"/proc/{os.getppid()}/cwd"))
won(12, lambda: open(f"/proc/{os.getppid()}/root" + aim["secret"], "rb").read())
won(13, lambda: os.listdir("/home"))
won(14, lambda: os.environ["SECRET_TOKEN"])
"""

WRITE = """
marker = aim["marker"]
won(0, lambda: open(marker, "w").close())
won(1, lambda: open("/dev/shm/" + aim["name"], "w").close())
won(2, lambda: open("/tmp/" + aim["name"], "w").close())
won(3, lambda: os.mkdir(marker + ".d"))
won(4, lambda: os.symlink("/etc/passwd", marker + ".s"))
won(5, lambda: os.mkfifo(marker + ".p"))
won(6, lambda: os.rename(aim["secret"], marker))
won(7, lambda: os.unlink(aim["secret"]))
won(8, lambda: open(aim["labels"], "r+b").close())
won(9, lambda: os.chmod(aim["secret"], 0o777))
won(10, lambda: os.utime(aim["secret"], (1, 1)))
won(11, lambda: os.truncate(aim["secret"], 0))
won(12, lambda: os.link(aim["secret"], marker + ".l"))
won(13, lambda: os.setxattr(aim["secret"], "user.x", b"1"))
won(14, lambda: os.chdir("/tmp"))
"""

NETWORK = """
won(0, lambda: connected(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", aim["tcp"])))
won(1, lambda: connected(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", aim["udp"])))
won(2, lambda: connected(socket.AF_UNIX, socket.SOCK_STREAM, aim["unix"]))
won(3, lambda: connected(socket.AF_UNIX, socket.SOCK_STREAM, "\\0" + aim["name"]))
won(4, lambda: socket.socketpair())
won(5, lambda: socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
won(6, lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
"""

PROCESSES = """
marker = aim["marker"]
def forked():
    child = os.fork()
    if not child:
        open(marker + ".fork", "w").close()
        os._exit(0)
    os.waitpid(child, 0)
won(0, forked)
won(1, lambda: subprocess.run(["/bin/sh", "-c", "echo > " + marker], check=True))
won(2, lambda: os.posix_spawn("/bin/true", ["true"], {}))
won(3, lambda: os.system("exit 0"), lambda status: status == 0)
won(4, lambda: os.kill(os.getppid(), 0))
won(5, lambda: os.pidfd_open(os.getppid()))
won(6, lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 5))
won(7, lambda: os.sched_setaffinity(os.getppid(), {0}))
won(8, lambda: os.memfd_create("x"))
won(9, lambda: os.pipe())
won(10, lambda: os.killpg(os.getpgid(os.getppid()), 0))
won(11, lambda: os.setsid())
"""

# Raw system calls by their x86-64 numbers, where Python has no function for them.
CALLS = """
won(0, lambda: call(101, 16, os.getppid(), 0, 0))          # ptrace ATTACH
won(1, lambda: call(250, 0, -3, 1))                         # keyctl GET_KEYRING_ID of the session
won(2, lambda: call(248, b"user", b"n", b"p", 1, -3))       # add_key
won(3, lambda: call(29, 0, 4096, 0o1600))                   # shmget
won(4, lambda: call(425, 8, ctypes.create_string_buffer(120)))   # io_uring_setup
won(5, lambda: call(272, 0x10000000))                       # unshare a user namespace
won(6, lambda: call(323, 1))                                # userfaultfd
won(7, lambda: call(62, os.getppid(), 0))                   # kill
won(8, lambda: call(234, os.getppid(), os.getppid(), 0))    # tgkill
won(9, lambda: call(302, os.getppid(), 7, struct.pack("QQ", 9, 9), None))  # prlimit of another
won(10, lambda: call(302, 0, 7, struct.pack("QQ", 9, 9), None))            # and its own
won(11, lambda: call(435, ctypes.create_string_buffer(88), 88))            # clone3
won(12, lambda: call(90, aim["secret"].encode(), 0o777))    # chmod
won(13, lambda: call(157, 1, 0, 0, 0, 0))                   # prctl: forget the parent's death
won(14, lambda: call(240, b"queue", 0o102, 0o600, None))    # mq_open
won(15, lambda: call(135, 0xFFFFFFFF))                      # personality
won(16, lambda: call(161, b"/tmp"))                         # chroot
won(17, lambda: call(105, 0))                               # setuid
won(18, lambda: call(310, os.getppid(), ctypes.create_string_buffer(16), 1, ctypes.create_string_buffer(16), 1, 0))
won(19, lambda: call(317, 1, 0, None))                      # a second filter of system calls
"""

# What a process may have inherited, and whether it can undo what it gave up.
INHERITANCE = """
import fcntl, mmap, resource
made = {"PATH", "LANG", "HOME", "TMPDIR", "KERAS_HOME", "KERAS_BACKEND", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH",
        "TF_CPP_MIN_LOG_LEVEL", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_",
        "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_", "PYTHONHASHSEED", "HDF5_USE_FILE_LOCKING"}
def is_open(descriptor):
    try:
        fcntl.fcntl(descriptor, fcntl.F_GETFD)
    except OSError:
        return False
    return True
opened = [n for n in range(3, 256) if is_open(n)]
won(0, lambda: len(opened) > 3, bool)  # the inputs, twice because they are mapped, and the way to answer
won(1, lambda: os.read(0, 1), lambda data: data)
won(2, lambda: set(os.environ) & set(aim["environment"]) - made, bool)
won(3, lambda: resource.getrlimit(resource.RLIMIT_FSIZE) != (0, 0), bool)
won(4, lambda: resource.getrlimit(resource.RLIMIT_CORE) != (0, 0), bool)
won(5, lambda: resource.getrlimit(resource.RLIMIT_NOFILE)[1] > 256, bool)
won(6, lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
won(7, lambda: [os.pwrite(n, b"x", 0) for n in opened])
won(8, lambda: [os.ftruncate(n, 0) for n in opened])
won(9, lambda: [mmap.mmap(n, 1, prot=mmap.PROT_WRITE) for n in opened])
won(10, lambda: (ctypes.CDLL(None).prctl(4, 1), open("/proc/self/mem", "r+b")))
won(11, lambda: [m for m in sys.modules if m.startswith(("mockexam", "graders.trusted"))], bool)
won(12, lambda: signal.raise_signal(signal.SIGSTOP))
won(13, lambda: signal.raise_signal(signal.SIGKILL))
won(14, lambda: "hunter2" in repr(os.environ) + open("/proc/self/cmdline").read(), bool)
won(15, lambda: os.listdir("/proc/self/fd"))
won(16, lambda: open("/proc/self/environ", "rb").read())
won(17, lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
won(18, lambda: signal.setitimer(signal.ITIMER_REAL, 100))
won(19, lambda: os.nice(-1))
"""

# Signs that one child could leave for another, or read from it, on files that both may read; and memory that a process
# can hold although it doesn't show. By their x86-64 numbers where Python has no function for them.
CHANNELS = """
import fcntl
library = os.open(os.__file__, os.O_RDONLY)
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
mapped = ctypes.c_void_p(libc.mmap(None, ctypes.c_size_t(4096), 1, 2, library, ctypes.c_long(0)))
def lock(command):
    fcntl.fcntl(library, command, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 1, 0))
def memory(flags):
    held = libc.mmap(None, ctypes.c_size_t(4096), 3, flags, -1, ctypes.c_long(0))
    if held in (None, ctypes.c_void_p(-1).value):
        raise OSError("refused")
won(0, lambda: fcntl.flock(library, fcntl.LOCK_SH))
won(1, lambda: lock(6))                                    # F_SETLK
won(2, lambda: lock(7))                                    # F_SETLKW
won(3, lambda: lock(37))                                   # F_OFD_SETLK
won(4, lambda: lock(5))                                    # F_GETLK
won(5, lambda: lock(36))                                   # F_OFD_GETLK
won(6, lambda: fcntl.fcntl(library, 1024, 0))              # F_SETLEASE
won(7, lambda: call(221, library, 0, 0, 4))                # fadvise64 DONTNEED
won(8, lambda: call(27, mapped, ctypes.c_size_t(4096), ctypes.create_string_buffer(1)))    # mincore
won(9, lambda: call(187, library, 0, 4096))                # readahead
won(10, lambda: call(28, mapped, ctypes.c_size_t(4096), 3))     # madvise WILLNEED
won(11, lambda: call(28, mapped, ctypes.c_size_t(4096), 20))    # madvise COLD
won(12, lambda: call(327, library, ctypes.create_string_buffer(16), 0, 0, 0, 8))           # preadv2
won(13, lambda: memory(0x21))                              # shared and anonymous
won(14, lambda: call(29, 0, 4096, 0o1600))                 # shmget
won(15, lambda: call(64, 0, 1, 0o1600))                    # semget
won(16, lambda: call(68, 0, 0o1600))                       # msgget
won(17, lambda: call(294, 0))                              # inotify_init1
won(18, lambda: call(283, 1, 0))                           # timerfd_create
won(19, lambda: call(290, 0, 0))                           # eventfd2
won(20, lambda: time.clock_gettime((~os.getppid() << 3) | 2))      # another's processor time
won(21, lambda: os.statvfs("/"))                           # how much space is free
"""

# Every way for a process to end so that it looks as if somebody else had ended or stopped it. By x86-64 numbers.
SUICIDE = """
me, thread = os.getpid(), threading.get_native_id()
information = struct.pack("iii4xii", signal.SIGKILL, 0, -1, me, 0).ljust(128, b"\\0")
fatal = (signal.SIGKILL, signal.SIGSTOP)
won(0, lambda: [os.kill(me, n) for n in fatal])
won(1, lambda: os.killpg(0, signal.SIGKILL))
won(2, lambda: os.kill(-1, signal.SIGKILL))
won(3, lambda: call(200, thread, signal.SIGKILL))                          # tkill
won(4, lambda: call(234, me, thread, signal.SIGKILL))                      # tgkill
won(5, lambda: call(234, me, thread, ctypes.c_long((1 << 32) | 9)))        # with more than a number's worth of bits
won(6, lambda: call(234, me, thread, signal.SIGSTOP))
won(7, lambda: call(129, me, signal.SIGKILL, information))                 # rt_sigqueueinfo
won(8, lambda: call(297, me, thread, signal.SIGKILL, information))         # rt_tgsigqueueinfo
won(9, lambda: signal.pidfd_send_signal(os.pidfd_open(me), signal.SIGKILL))
won(10, lambda: call(157, 1, signal.SIGKILL, 0, 0, 0))                     # prctl PDEATHSIG
won(11, lambda: call(157, 22, 1, 0, 0, 0))                                 # prctl SECCOMP, strict: the next call kills
won(12, lambda: call(160, 0, struct.pack("QQ", 1, 1)))                     # setrlimit CPU, whose hard limit kills
won(13, lambda: call(302, 0, 0, struct.pack("QQ", 1, 1), None))            # prlimit CPU
won(14, lambda: call(302, me, 15, struct.pack("QQ", 1, 1), None))          # prlimit RTTIME
won(15, lambda: call(144, 0, 1, struct.pack("i", 1)))                      # sched_setscheduler
event = struct.pack("QiiQ", 0, signal.SIGKILL, 0, 0).ljust(64, b"\\0")
won(16, lambda: call(222, 0, event, ctypes.create_string_buffer(8)))       # timer_create
won(17, lambda: call(72, 1, 10, signal.SIGKILL))                           # fcntl SETSIG
won(18, lambda: call(101, 0, 0, 0, 0))                                     # ptrace TRACEME
won(19, lambda: [call(234, os.getppid(), os.getppid(), n) for n in fatal])
won(20, lambda: call(448, os.getppid(), 0))                                # process_mrelease
# These may be sent. They stop nothing in a session of its own.
for n in (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
    signal.raise_signal(n)
"""

PYTHON_ATTACKS = {
    "suicide": SUICIDE,
    "channels": CHANNELS,
    "inheritance": INHERITANCE,
    "read": READ,
    "write": WRITE,
    "network": NETWORK,
    "processes": PROCESSES,
    "calls": CALLS,
}

# What ends or hangs a process: code, and the code of the verdict's reason.
# Says that it waits for rows, as an honest child does before it is asked for predictions.
WAITING = """b'W' + struct.pack('<I', 21) + b'{"memory": "nothing"}'"""

ENDINGS = {
    "exit-0": ("os._exit(0)", "silent"),
    "system-exit": ("sys.exit(0)", "error"),
    "segfault": ("ctypes.string_at(8)", "crash"),
    "abort": ("os.abort()", "crash"),
    "kill-itself": ("signal.raise_signal(signal.SIGTERM)", "crash"),
    "loop": ("while True: pass", "time"),
    "sleep": ("[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15, 24)]\nwhile True: time.sleep(9)", "time"),
    "threads": (
        "for _ in range(2000): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "while True: time.sleep(1)",
        "threads",
    ),
    "memory": ("hoard = []\nwhile True: hoard.append(bytearray(os.urandom(1) * (8 << 20)))", "memory"),
    "slow-memory": (
        "hoard = []\nwhile True:\n    hoard.append(bytearray(os.urandom(1) * (4 << 20)))\n    time.sleep(0.002)",
        "memory",
    ),
    "hidden-memory": (
        "def eat():\n    time.sleep(0.2)\n    hoard = []\n"
        "    while True: hoard.append(bytearray(os.urandom(1) * (8 << 20)))\n"
        "threading.Thread(target=eat, daemon=True).start()\ncall(60, 0)",  # only the first thread ends
        "memory",
    ),
    "hidden-threads": (
        "def start():\n    time.sleep(0.2)\n"
        "    while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "threading.Thread(target=start, daemon=True).start()\ncall(60, 0)",
        "threads",
    ),
    "ever-new-threads": (
        "import _thread\nhoard = []\n"
        "def follow():\n    hoard.append(bytearray(b'x' * (8 << 20)))\n    _thread.start_new_thread(follow, ())\n"
        "_thread.start_new_thread(follow, ())\ncall(60, 0)",
        "memory",
    ),
    "no-name": (
        "ctypes.CDLL(None).prctl(15, b'\\xff\\xfe) T 1', 0, 0, 0)\nos.abort()",
        "crash",
    ),
    "out-of-time": ("signal.raise_signal(signal.SIGXCPU)", "cpu"),
    "recursion": (
        "sys.setrecursionlimit(10**9)\ndeep = lambda: deep()\ndeep()",
        "memory",
    ),
    "trickle": (
        f"waiting = {WAITING}\n"
        "for n in range(3, 64):\n    try: os.write(n, waiting)\n    except OSError: pass\n"
        "head = b'P' + struct.pack('<IBQQ', 17 + 4 * aim['rows'], 2, aim['rows'], 1)\n"
        "while True:\n    for n in range(3, 64):\n        try: os.write(n, head[:1])\n        except OSError: pass\n"
        "    head = head[1:] or bytes(1)\n    time.sleep(0.2)",
        "time",
    ),
    "close-answer": (
        "os.closerange(3, 64)\nwhile True: pass",
        "silent",
    ),
    "flood": ("block = b'x' * (1 << 20)\nwhile True: os.write(1, block)", "output"),
    "flood-stderr": ("block = b'x' * (1 << 20)\nwhile True: os.write(2, block)", "output"),
    "close-all": ("os.closerange(0, 256)\nwhile True: time.sleep(1)", "silent"),
    "wrong-architecture": (
        "import mmap\n"
        "kind = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS\n"
        "code = mmap.mmap(-1, 4096, kind, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n"
        "code.write(bytes.fromhex('b8140000' '00' 'cd80' 'c3'))\n"  # int 0x80, getpid of 32-bit programs
        "address = ctypes.addressof(ctypes.c_char.from_buffer(code))\n"
        "ctypes.CFUNCTYPE(ctypes.c_int)(address)()",
        "crash",
    ),
    "x32": ("call(0x40000000 | 39)", "crash"),
}

# Bytes written into every descriptor that might lead to the trusted side.
FRAMES = {
    "unknown-type": "b'V\\x02\\x00\\x00\\x00{}'",
    "garbage": "bytes(range(256)) * 64",
    "enormous-length": f"{WAITING} + b'P' + struct.pack('<I', 0xFFFFFFFF)",
    "wrong-shape": f"{WAITING} + b'P' + struct.pack('<IBQQ', 17 + 4, 2, 1, 1) + bytes(4)",
    "many-axes": f"{WAITING} + b'P' + struct.pack('<IB', 2041, 255) + bytes(2040)",
    "overflowing-shape": f"{WAITING} + b'P' + struct.pack('<IBQQ', 17, 2, 1 << 63, 2)",
    "unasked": "b'P' + struct.pack('<IBQQ', 17 + 4 * ROWS, 2, ROWS, 1) + bytes(4 * ROWS)",
    "waiting-twice": f"{WAITING} * 2",
    "more-words": f"""{WAITING} + b'S' + struct.pack('<I', 19) + b'{{{{"stage": "loaded"}}}}'""",
    "lock-failed": "b'X' + struct.pack('<I', 15) + b'{\"message\": \"\"} '[:15]",
    "started-again": "b'L' + struct.pack('<I', 2) + b'{}'",
    "endless-stages": "(b'S' + struct.pack('<I', 2) + b'{}') * 4000",
    "pickle": f"{WAITING} + b'P' + struct.pack('<I', 40) + b'cos\\nsystem\\n(S\"touch /tmp/x\"\\ntR.' + bytes(40)",
}
FRAME_ATTACK = """
ROWS = aim["rows"]
for descriptor in range(3, 64):
    try:
        os.write(descriptor, {frame})
    except OSError:
        pass
"""


# Well-formed answers to whatever is asked, though not from Keras: whatever the model does next, they are what counts.
ANSWER = f"""
import json, stat
def is_socket(number):
    try:
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    except OSError:
        return False
channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=next(filter(is_socket, range(3, 64))))
def written(data):
    while data:
        data = data[os.write(channel.fileno(), data):]
written({WAITING})
while question := socket.recv_fds(channel, 1 << 16, 1)[0]:
    rows = json.loads(question)["shape"][0]
    written(b'P' + struct.pack('<IBQQ', 17 + 4 * rows, 2, rows, 1) + struct.pack('<f', 7.0) * rows)
    if rows == aim["rows"]:
        break
"""
AFTERWARDS = {
    "sleeps": "time.sleep(600)",
    "crashes": "os.abort()",
    "prints": "while True: os.write(2, b'x' * 65536)",
    "eats": "hoard = [bytearray(1 << 20) for _ in range(10**6)]",
    "answers-again": "written(b'P' + struct.pack('<IBQQ', 17 + 4 * rows, 2, rows, 1) + bytes(4 * rows))",
}


def source(attack: str, aim: dict[str, object]) -> str:
    """The whole program of one attack; leaves the sum over the successes in `total`."""
    return f"{PRELUDE}\naim = {aim!r}\n{attack}\ntotal = float(sum(2**bit for bit in successes))\n"
