/* A preloaded library between a program and its disk.

   It writes every change below the folder DISK_ROOT to the file DISK_LOG, in the order in which they happened, with
   their data; and it can send the program DISK_SIGNAL before its change number DISK_KILL_AT. tests/reliability/disk.py
   reads the log. Children of the program are started without it.

   What a program writes through a mapping is not seen: of mockexam's files that is SQLite's index of its log
   (-shm), which SQLite makes anew after a crash. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static __thread int inside;
static char root[PATH_MAX];
static size_t root_length;
static int journal = -1;
static long steps, kill_at;
static int number = SIGKILL, tell;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
    return dlsym(RTLD_NEXT, name);
}

static int below_root(const char *path) {
    return root_length && !strncmp(path, root, root_length) && (path[root_length] == '/' || !path[root_length]);
}

static int path_of(int descriptor, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = 0;
    return length > 0;
}

static int absolute(int folder, const char *name, char *path) {
    char base[PATH_MAX];
    if (name[0] == '/')
        return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX;
    if (folder == AT_FDCWD ? !getcwd(base, sizeof base) : !path_of(folder, base))
        return 0;
    return snprintf(path, PATH_MAX, "%s/%s", base, name) < PATH_MAX;
}

static int watched(int folder, const char *name, char *path) {
    return root_length && !inside && absolute(folder, name, path) && below_root(path);
}

static int watched_file(int descriptor, char *path) {
    return root_length && !inside && path_of(descriptor, path) && below_root(path);
}

static uint64_t inode_of(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) ? 0 : status.st_ino;
}

static uint64_t inode_at(const char *path) {
    struct stat status;
    return lstat(path, &status) ? 0 : status.st_ino;
}

static void note(char kind, uint64_t inode, uint64_t at, const void *first, size_t first_size, const void *second,
                 size_t second_size) {
    struct __attribute__((packed)) { char kind; uint64_t inode, at; uint32_t first, second; } head =
        {kind, inode, at, (uint32_t)first_size, (uint32_t)second_size};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)first, first_size}, {(void *)second, second_size}};
    if (journal >= 0 && REAL(writev)(journal, parts, 3) < 0)
        abort();
}

static void begin(void) {
    pthread_mutex_lock(&guard);
    inside = 1;
    if (++steps == kill_at)
        kill(getpid(), number);
}

static void finish(void) {
    int kept = errno;
    inside = 0;
    pthread_mutex_unlock(&guard);
    errno = kept;
}

__attribute__((constructor)) static void start(void) {
    const char *folder = getenv("DISK_ROOT"), *log = getenv("DISK_LOG"), *at = getenv("DISK_KILL_AT");
    const char *signal_number = getenv("DISK_SIGNAL");
    if (!folder || !realpath(folder, root))
        return;
    if (log)
        journal = REAL(open)(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    kill_at = at ? atol(at) : 0;
    number = signal_number ? atoi(signal_number) : SIGKILL;
    tell = getenv("DISK_TELL") != NULL;
    unsetenv("LD_PRELOAD");
    root_length = strlen(root);
}

static int opened(const char *symbol, int folder, const char *name, int flags, mode_t mode) {
    int (*call)(int, const char *, int, ...) = real(symbol);
    char path[PATH_MAX];
    if (!(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE || !watched(folder, name, path))
        return call(folder, name, flags, mode);
    begin();
    uint64_t before = inode_at(path);
    int descriptor = call(folder, name, flags, mode);
    if (descriptor >= 0 && !before)
        note('C', inode_of(descriptor), 0, path, strlen(path), NULL, 0);
    else if (descriptor >= 0 && flags & O_TRUNC)
        note('T', inode_of(descriptor), 0, NULL, 0, NULL, 0);
    finish();
    return descriptor;
}

static mode_t mode_in(int flags, va_list more) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
}

#define OPEN(symbol, at_symbol)                                            \
    int symbol(const char *name, int flags, ...) {                         \
        va_list more;                                                      \
        va_start(more, flags);                                             \
        mode_t mode = mode_in(flags, more);                                \
        va_end(more);                                                      \
        return opened(#at_symbol, AT_FDCWD, name, flags, mode);            \
    }                                                                      \
    int at_symbol(int folder, const char *name, int flags, ...) {          \
        va_list more;                                                      \
        va_start(more, flags);                                             \
        mode_t mode = mode_in(flags, more);                                \
        va_end(more);                                                      \
        return opened(#at_symbol, folder, name, flags, mode);              \
    }
OPEN(open, openat)
OPEN(open64, openat64)

ssize_t write(int descriptor, const void *data, size_t size) {
    char path[PATH_MAX];
    int said = tell && descriptor == 1 && !inside;
    if (!said && !watched_file(descriptor, path))
        return REAL(write)(descriptor, data, size);
    begin();
    ssize_t done = REAL(write)(descriptor, data, size);
    if (done > 0 && said)
        note('A', 0, 0, data, done, NULL, 0);
    else if (done > 0)
        note('W', inode_of(descriptor), lseek(descriptor, 0, SEEK_CUR) - done, data, done, NULL, 0);
    finish();
    return done;
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    char path[PATH_MAX];
    if (!watched_file(descriptor, path))
        return REAL(writev)(descriptor, parts, count);
    ssize_t total = 0;
    for (int place = 0; place < count; place++) {
        ssize_t done = write(descriptor, parts[place].iov_base, parts[place].iov_len);
        if (done < 0)
            return total ? total : -1;
        total += done;
    }
    return total;
}

#define PWRITE(symbol, offset_type)                                                          \
    ssize_t symbol(int descriptor, const void *data, size_t size, offset_type at) {          \
        char path[PATH_MAX];                                                                 \
        if (!watched_file(descriptor, path))                                                 \
            return REAL(symbol)(descriptor, data, size, at);                                 \
        begin();                                                                             \
        ssize_t done = REAL(symbol)(descriptor, data, size, at);                             \
        if (done > 0)                                                                        \
            note('W', inode_of(descriptor), at, data, done, NULL, 0);                        \
        finish();                                                                            \
        return done;                                                                         \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define TRUNCATE(symbol, offset_type)                                        \
    int symbol(int descriptor, offset_type size) {                           \
        char path[PATH_MAX];                                                 \
        if (!watched_file(descriptor, path))                                 \
            return REAL(symbol)(descriptor, size);                           \
        begin();                                                             \
        int done = REAL(symbol)(descriptor, size);                           \
        if (!done)                                                           \
            note('T', inode_of(descriptor), size, NULL, 0, NULL, 0);         \
        finish();                                                            \
        return done;                                                         \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(symbol)                                                         \
    int symbol(int descriptor) {                                             \
        char path[PATH_MAX];                                                 \
        if (!watched_file(descriptor, path))                                 \
            return REAL(symbol)(descriptor);                                 \
        begin();                                                             \
        note('B', inode_of(descriptor), 0, path, strlen(path), NULL, 0);     \
        int done = REAL(symbol)(descriptor);                                 \
        if (!done)                                                           \
            note('S', inode_of(descriptor), 0, path, strlen(path), NULL, 0); \
        finish();                                                            \
        return done;                                                         \
    }
SYNC(fsync)
SYNC(fdatasync)

void sync(void) {
    begin();
    note('B', 0, 0, NULL, 0, NULL, 0);
    REAL(sync)();
    note('Y', 0, 0, NULL, 0, NULL, 0);
    finish();
}

static int renamed(int from_folder, const char *from, int to_folder, const char *to) {
    char old[PATH_MAX], new[PATH_MAX];
    int seen = watched(to_folder, to, new) & watched(from_folder, from, old);
    if (!seen)
        return REAL(renameat)(from_folder, from, to_folder, to);
    begin();
    int done = REAL(renameat)(from_folder, from, to_folder, to);
    if (!done)
        note('R', inode_at(new), 0, old, strlen(old), new, strlen(new));
    finish();
    return done;
}

int rename(const char *from, const char *to) { return renamed(AT_FDCWD, from, AT_FDCWD, to); }

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    return renamed(from_folder, from, to_folder, to);
}

static int removed(int folder, const char *name, int flags) {
    char path[PATH_MAX];
    if (!watched(folder, name, path))
        return REAL(unlinkat)(folder, name, flags);
    begin();
    int done = REAL(unlinkat)(folder, name, flags);
    if (!done)
        note('U', 0, 0, path, strlen(path), NULL, 0);
    finish();
    return done;
}

int unlink(const char *name) { return removed(AT_FDCWD, name, 0); }

int rmdir(const char *name) { return removed(AT_FDCWD, name, AT_REMOVEDIR); }

int unlinkat(int folder, const char *name, int flags) { return removed(folder, name, flags); }

int mkdirat(int folder, const char *name, mode_t mode) {
    char path[PATH_MAX];
    if (!watched(folder, name, path))
        return REAL(mkdirat)(folder, name, mode);
    begin();
    int done = REAL(mkdirat)(folder, name, mode);
    if (!done)
        note('M', inode_at(path), 0, path, strlen(path), NULL, 0);
    finish();
    return done;
}

int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

/* Callers fall back to writing, which is seen. */
static ssize_t unavailable(int descriptor, int reason) {
    char path[PATH_MAX];
    if (!watched_file(descriptor, path))
        return 0;
    errno = reason;
    return -1;
}

#define SENDFILE(symbol, offset_type)                                                     \
    ssize_t symbol(int to, int from, offset_type *at, size_t size) {                      \
        ssize_t (*call)(int, int, offset_type *, size_t) = real(#symbol);                 \
        return unavailable(to, ENOTSOCK) ? -1 : call(to, from, at, size);                 \
    }
SENDFILE(sendfile, off_t)
SENDFILE(sendfile64, off64_t)

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t size, unsigned flags) {
    return unavailable(to, EXDEV) ? -1 : REAL(copy_file_range)(from, from_at, to, to_at, size, flags);
}
