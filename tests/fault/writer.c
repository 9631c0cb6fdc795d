/* Writers of a file for the controls of the fault recipes: writer MODE FILE TEXT.
   right: temporary file, fsync, rename, fsync of the directory. The others each do one thing that real programs do
   wrong: in-place (truncate, write), unchecked (ignores errors), missing (unlink, then write), early-exit-0 (says done
   when the write failed). */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int put(const char* path, int flags, const char* text) {
  const int fd = open(path, O_WRONLY | flags, 0600);
  if (fd < 0) return -1;
  const ssize_t length = (ssize_t)strlen(text);
  if (write(fd, text, (size_t)length) != length || fsync(fd) != 0) {
    close(fd);
    return -1;
  }
  return close(fd);
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const char *mode = argv[1], *path = argv[2], *text = argv[3];
  char temporary[4096];
  char folder[4096];
  snprintf(temporary, sizeof temporary, "%s.new", path);
  snprintf(folder, sizeof folder, "%s", path);
  if (strcmp(mode, "right") == 0) {
    unlink(temporary);
    if (put(temporary, O_CREAT | O_EXCL, text) != 0 || rename(temporary, path) != 0) {
      unlink(temporary);
      return 1;
    }
    const int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY);
    return fd < 0 || fsync(fd) != 0;
  }
  if (strcmp(mode, "in-place") == 0) return put(path, O_CREAT | O_TRUNC, text) != 0;
  if (strcmp(mode, "missing") == 0) return unlink(path) != 0 || put(path, O_CREAT | O_EXCL, text) != 0;
  if (strcmp(mode, "unchecked") == 0) {
    put(temporary, O_CREAT | O_TRUNC, text);
    rename(temporary, path);
    return 0;
  }
  if (strcmp(mode, "early-exit-0") == 0) {
    if (put(temporary, O_CREAT | O_TRUNC, text) == 0) rename(temporary, path);
    return 0;
  }
  return 2;
}
