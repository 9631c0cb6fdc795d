/* Times whole processes: spawn ROUNDS CMD… [--- CMD…]…
   Runs the commands in turn, round after round, so that what disturbs the machine disturbs all of them alike. For each
   command one line: median and 90th percentile in microseconds, peak memory in KiB, and the number of runs that failed.
 */
#include "times.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { kMostCommands = 16 };
extern char** environ;

int main(int argc, char** argv) {
  const int rounds = argc > 2 ? atoi(argv[1]) : 0;
  char** commands[kMostCommands];
  int count = 0;
  if (rounds <= 0) return 2;
  for (int i = 2; i < argc && count < kMostCommands;) {
    commands[count++] = &argv[i];
    while (i < argc && strcmp(argv[i], "---") != 0) ++i;
    if (i < argc) argv[i++] = NULL;
  }
  double* times = calloc((size_t)(count * rounds), sizeof *times);
  long peak[kMostCommands] = {0};
  int failed[kMostCommands] = {0};
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
  for (int round = -2; round < rounds; ++round) {  // two rounds to warm up
    for (int c = 0; c < count; ++c) {
      const double begin = now_us();
      pid_t child;
      if (posix_spawnp(&child, commands[c][0], &quiet, NULL, commands[c], environ) != 0) return 3;
      int status = 0;
      struct rusage usage;
      while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
      }
      if (round < 0) continue;
      times[c * rounds + round] = now_us() - begin;
      if (usage.ru_maxrss > peak[c]) peak[c] = usage.ru_maxrss;
      if (status != 0) ++failed[c];
    }
  }
  for (int c = 0; c < count; ++c) {
    double* mine = times + c * rounds;
    qsort(mine, (size_t)rounds, sizeof *mine, by_value);
    printf("%.1f %.1f %ld %d\n", mine[rounds / 2], mine[rounds * 9 / 10], peak[c], failed[c]);
  }
  free(times);
  return 0;
}
