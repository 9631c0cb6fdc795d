/* Times round trips over a unix socket: ask ROUNDS SOCKET GREETING FRAME… (frames in hex). Each frame is sent to
   SOCKET, whose reply begins with its length, and to a bare echo in a process of its own, in turn. For each frame one
   line: the medians in microseconds, of the socket and of the echo. */
#include "times.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kLargest = 4096, kHeader = 4 };

static size_t from_hex(const char* text, unsigned char* out) {
  size_t size = 0;
  unsigned value = 0;
  for (; size < kLargest && sscanf(text + 2 * size, "%2x", &value) == 1; ++size) out[size] = (unsigned char)value;
  return size;
}

static void all(int fd, unsigned char* bytes, size_t size, int writing) {
  for (size_t done = 0; done < size;) {
    const ssize_t n = writing ? write(fd, bytes + done, size - done) : read(fd, bytes + done, size - done);
    if (n <= 0) exit(1);
    done += (size_t)n;
  }
}

static void ask(int fd, unsigned char* frame, size_t size, int is_echo) {
  unsigned char reply[65536];
  all(fd, frame, size, 1);
  if (is_echo) {
    all(fd, reply, size, 0);
    return;
  }
  all(fd, reply, kHeader, 0);
  const size_t length = (size_t)reply[0] << 24 | (size_t)reply[1] << 16 | (size_t)reply[2] << 8 | reply[3];
  if (length > sizeof reply) exit(1);
  all(fd, reply, length, 0);
  if (reply[0] != 0) exit(2);
}

static void echo(int fd) {
  unsigned char bytes[kLargest];
  for (;;) {
    const ssize_t n = read(fd, bytes, sizeof bytes);
    if (n <= 0) _exit(0);
    all(fd, bytes, (size_t)n, 1);
  }
}

int main(int argc, char** argv) {
  const int rounds = argc > 4 ? atoi(argv[1]) : 0;
  if (rounds <= 0) return 2;
  int pair[2];
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(argv[2]) >= sizeof address.sun_path) return 2;
  memcpy(address.sun_path, argv[2], strlen(argv[2]));
  const int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
      connect(server, (struct sockaddr*)&address, sizeof address) != 0)
    return 2;
  const pid_t child = fork();
  if (child == 0) {
    close(pair[0]);
    echo(pair[1]);
  }
  close(pair[1]);
  unsigned char frame[kLargest];
  ask(server, frame, from_hex(argv[3], frame), 0);
  double* times[2] = {calloc((size_t)rounds, sizeof(double)), calloc((size_t)rounds, sizeof(double))};
  for (int i = 4; i < argc; ++i) {
    const size_t size = from_hex(argv[i], frame);
    for (int round = 0; round < rounds; ++round)
      for (int which = 0; which < 2; ++which) {
        const double begin = now_us();
        ask(which ? pair[0] : server, frame, size, which);
        times[which][round] = now_us() - begin;
      }
    for (int which = 0; which < 2; ++which) qsort(times[which], (size_t)rounds, sizeof(double), by_value);
    printf("%.2f %.2f\n", times[0][rounds / 2], times[1][rounds / 2]);
  }
  close(pair[0]);
  waitpid(child, NULL, 0);
  return 0;
}
