#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void close_from_three(int keep) {
#ifdef SYS_close_range
    // Everything but the descriptor that reports a failed exec.
    if (keep > 3) syscall(SYS_close_range, 3u, (unsigned)(keep - 1), 0u);
    if (syscall(SYS_close_range, (unsigned)(keep < 3 ? 3 : keep + 1), ~0u, 0u) == 0) return;
#endif
    long limit = sysconf(_SC_OPEN_MAX);
    if (limit < 0 || limit > 65536) limit = 65536;
    for (int fd = 3; fd < limit; fd++) {
        if (fd != keep) close(fd);
    }
}

int cplatform_spawn(const char *path, char *const *arguments, char *const *environment, int output, int death_signal) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return -errno;
    pid_t parent = getpid();
    sigset_t all, before;
    sigfillset(&all);
    // A signal between fork and exec must not run a handler of the parent in the child.
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    if (child == 0) {
        for (int number = 1; number < NSIG; number++) {
            if (number != SIGKILL && number != SIGSTOP) signal(number, SIG_DFL);
        }
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        setpgid(0, 0);
        int failure = 0;
        if (death_signal != 0 && prctl(PR_SET_PDEATHSIG, death_signal) != 0) failure = errno;
        // The parent may have died before prctl took effect.
        if (!failure && death_signal != 0 && getppid() != parent) failure = ECHILD;
        int null = open("/dev/null", O_RDONLY);
        if (!failure && (null < 0 || dup2(null, 0) < 0)) failure = errno;
        if (!failure && output >= 0 && (dup2(output, 1) < 0 || dup2(output, 2) < 0)) failure = errno;
        if (!failure) {
            close_from_three(report[1]);
            execve(path, arguments, environment);
            failure = errno;
        }
        (void)!write(report[1], &failure, sizeof failure);
        _exit(127);
    }
    int forked = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    if (child < 0) {
        close(report[0]);
        return -forked;
    }
    int failure = 0;
    ssize_t count;
    do {
        count = read(report[0], &failure, sizeof failure);
    } while (count < 0 && errno == EINTR);
    close(report[0]);
    return count == (ssize_t)sizeof failure && failure > 0 ? -failure : child;
}

void cplatform_limit_malloc_arenas(int arenas) {
    mallopt(M_ARENA_MAX, arenas);
}

int64_t cplatform_monotonic_microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t cplatform_realtime_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
