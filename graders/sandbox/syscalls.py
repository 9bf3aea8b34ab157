"""The system calls that loading a model and predicting with it needs, and their numbers.

Only these are let through; some only with certain arguments (seccomp.py). Numbers are those of
asm/unistd_64.h (x86-64) and asm-generic/unistd.h (aarch64).
"""

from __future__ import annotations


def _table(text: str) -> dict[str, int]:
    return {name: int(number) for name, number in (entry.split("=") for entry in text.split())}


X86_64 = _table(
    """
    read=0 write=1 open=2 close=3 stat=4 fstat=5 lstat=6 poll=7 lseek=8 mmap=9 mprotect=10 munmap=11 brk=12
    rt_sigaction=13 rt_sigprocmask=14 rt_sigreturn=15 ioctl=16 pread64=17 pwrite64=18 readv=19 writev=20
    access=21 select=23 sched_yield=24 mremap=25 msync=26 madvise=28 dup=32 nanosleep=35 getpid=39
    recvmsg=47 clone=56 exit=60
    uname=63 fcntl=72 getcwd=79 readlink=89 gettimeofday=96 getrlimit=97 getrusage=98
    sysinfo=99 times=100 getuid=102 getgid=104 geteuid=107 getegid=108 getppid=110 sigaltstack=131
    sched_getparam=143 sched_getscheduler=145 sched_get_priority_max=146 sched_get_priority_min=147 prctl=157
    gettid=186 time=201 futex=202 sched_getaffinity=204 getdents64=217 set_tid_address=218 restart_syscall=219
    clock_gettime=228 clock_getres=229 clock_nanosleep=230 exit_group=231 epoll_wait=232
    tgkill=234 get_mempolicy=239 openat=257 newfstatat=262 readlinkat=267 faccessat=269 pselect6=270 ppoll=271
    set_robust_list=273 dup3=292 prlimit64=302 getcpu=309 getrandom=318 membarrier=324 statx=332 rseq=334
    clone3=435 close_range=436 faccessat2=439
    """
)

AARCH64 = _table(
    """
    getcwd=17 dup=23 dup3=24 fcntl=25 ioctl=29 faccessat=48 openat=56 close=57 getdents64=61 lseek=62
    read=63 write=64 readv=65 writev=66 pread64=67 pwrite64=68 pselect6=72 ppoll=73 readlinkat=78 newfstatat=79
    fstat=80 exit=93 exit_group=94 set_tid_address=96 futex=98 set_robust_list=99 nanosleep=101
    clock_gettime=113 clock_getres=114 clock_nanosleep=115 sched_getscheduler=120 sched_getparam=121
    sched_getaffinity=123 sched_yield=124 sched_get_priority_max=125 sched_get_priority_min=126
    restart_syscall=128 tgkill=131 sigaltstack=132 rt_sigaction=134 rt_sigprocmask=135 rt_sigreturn=139
    times=153 uname=160 getrlimit=163 getrusage=165 prctl=167 getcpu=168 gettimeofday=169 getpid=172 getppid=173
    getuid=174 geteuid=175 getgid=176 getegid=177 gettid=178 sysinfo=179 recvmsg=212 brk=214 munmap=215 mremap=216
    clone=220 mmap=222 mprotect=226 msync=227 madvise=233 get_mempolicy=236 prlimit64=261
    getrandom=278 membarrier=283 statx=291 rseq=293 clone3=435 close_range=436 faccessat2=439
    """
)
