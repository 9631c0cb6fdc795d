/* A preloaded clock for tests: adds the offset in seconds that stands in the file named by CLOCK_SHIM_FILE to
   CLOCK_REALTIME, and to nothing else. The file is read at each call, so that a running simulator can be moved too. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long offset_seconds(void) {
  const char* path = getenv("CLOCK_SHIM_FILE");
  if (path == NULL) return 0;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[32];
  const ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return 0;
  text[n] = '\0';
  return strtol(text, NULL, 10);
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec* when) {
  const int status = (int)syscall(SYS_clock_gettime, clock, when);
  if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) when->tv_sec += offset_seconds();
  return status;
}

__attribute__((visibility("default"))) int gettimeofday(struct timeval* restrict when, void* restrict zone) {
  (void)zone;
  struct timespec precise;
  const int status = clock_gettime(CLOCK_REALTIME, &precise);
  when->tv_sec = precise.tv_sec;
  when->tv_usec = precise.tv_nsec / 1000;
  return status;
}

__attribute__((visibility("default"))) time_t time(time_t* out) {
  struct timespec when;
  clock_gettime(CLOCK_REALTIME, &when);
  if (out != NULL) *out = when.tv_sec;
  return when.tv_sec;
}
