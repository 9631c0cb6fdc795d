/* Times a list on a terminal: frame ROUNDS KEY CMD…
   Starts CMD on a pty, round by round in turn with /bin/true, and takes the time to the end of its first frame, and
   from a typed KEY to the end of the next. One line: the medians of /bin/true, first frame and key, in microseconds.
 */
#define _GNU_SOURCE
#include "times.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { kMostBytes = 1 << 16, kMostMilliseconds = 10000 };
static const char kEndOfFrame[] = "\x1b[?25h";
extern char** environ;

static void wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
}

/* Microseconds from `begin` until a frame ends; negative where none does. */
static double until_frame(int master, double begin) {
  static char seen[kMostBytes];
  size_t have = 0;
  struct pollfd readable = {master, POLLIN, 0};
  while (have < kMostBytes && poll(&readable, 1, kMostMilliseconds) > 0) {
    const ssize_t n = read(master, seen + have, kMostBytes - have);
    if (n <= 0) return -1;
    have += (size_t)n;
    if (memmem(seen, have, kEndOfFrame, sizeof kEndOfFrame - 1) != NULL) return now_us() - begin;
  }
  return -1;
}

static double time_true(void) {
  char* argv[] = {"/bin/true", NULL};
  pid_t child;
  const double begin = now_us();
  if (posix_spawn(&child, argv[0], NULL, NULL, argv, environ) != 0) return -1;
  wait_for(child);
  return now_us() - begin;
}

static int time_list(char** command, const char* key, double* first, double* next) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  const struct winsize size = {40, 120, 0, 0};
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 || ioctl(master, TIOCSWINSZ, &size) != 0) return -1;
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  /* The first terminal that the leader of a session opens becomes its own. */
  posix_spawn_file_actions_addopen(&files, 0, ptsname(master), O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&files, 0, 1);
  posix_spawn_file_actions_adddup2(&files, 0, 2);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t child;
  const double begin = now_us();
  if (posix_spawnp(&child, command[0], &files, &attributes, command, environ) != 0) return -1;
  *first = until_frame(master, begin);
  const double typed = now_us();
  *next = write(master, key, strlen(key)) > 0 ? until_frame(master, typed) : -1;
  kill(child, SIGKILL);
  wait_for(child);
  close(master);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return *first < 0 || *next < 0 ? -1 : 0;
}

int main(int argc, char** argv) {
  const int rounds = argc > 3 ? atoi(argv[1]) : 0;
  if (rounds <= 0) return 2;
  double* times = calloc(3 * (size_t)rounds, sizeof *times);
  for (int round = -2; round < rounds; ++round) { /* two rounds to warm up */
    const int at = round < 0 ? 0 : round;
    times[at] = time_true();
    if (times[at] < 0 || time_list(argv + 3, argv[2], &times[rounds + at], &times[2 * rounds + at]) != 0) {
      fprintf(stderr, "frame: %s shows no frame\n", argv[3]);
      return 1;
    }
  }
  for (int row = 0; row < 3; ++row) {
    qsort(times + row * rounds, (size_t)rounds, sizeof *times, by_value);
    printf("%.0f%c", times[row * rounds + rounds / 2], row < 2 ? ' ' : '\n');
  }
  free(times);
  return 0;
}
