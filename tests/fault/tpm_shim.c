/* A preloaded TPM for tests: what is opened as /dev/tpmrm0 is the unix socket named by TPM_SHIM_SOCKET, where a
   software TPM answers. No socket is no device, and a socket that may not be used is a device that may not be used.
   kabuto itself takes no other TPM than the kernel's, so that no variable can give it one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static const char* socket_for(const char* path) {
  return strcmp(path, "/dev/tpmrm0") == 0 ? getenv("TPM_SHIM_SOCKET") : NULL;
}

__attribute__((visibility("default"))) int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  const char* at = socket_for(path);
  if (at == NULL) return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, at, sizeof address.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr*)&address, sizeof address) == 0) return fd;
  const int why = errno;
  close(fd);
  errno = why;
  return -1;
}

__attribute__((visibility("default"))) int access(const char* path, int mode) {
  const char* at = socket_for(path);
  return (int)syscall(SYS_access, at == NULL ? path : at, mode);
}
