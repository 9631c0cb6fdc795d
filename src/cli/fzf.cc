#include "cli/fzf.h"

#include "base/child.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/columns.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>

namespace cli {
namespace {

constexpr int kInterrupted = 130;
constexpr std::size_t kLongestAnswer = 4096;
constexpr std::size_t kWidestColumn = 40;

struct Pipe {
  base::Descriptor read_end;
  base::Descriptor write_end;
};

base::Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return base::fail(base::ErrorKind::failure, "make a pipe: " + base::errno_text(errno));
  return Pipe{base::Descriptor(ends[0]), base::Descriptor(ends[1])};
}

/// "NUMBER <tab> cells": fzf shows and searches the cells and gives back the line.
std::string lines_of(std::size_t count, const std::function<PickerCells(std::size_t)>& cells_of) {
  std::vector<PickerCells> rows;
  std::array<std::size_t, kPickerColumns> widest{};
  rows.reserve(count);
  for (std::size_t row = 0; row < count; ++row) {
    rows.push_back(cells_of(row));
    for (std::size_t i = 0; i < kPickerColumns; ++i)
      widest[i] = std::min(std::max(widest[i], columns(rows[row][i])), kWidestColumn);
  }
  std::string out;
  for (std::size_t row = 0; row < count; ++row) {
    out += fmt::format("{}\t", row);
    for (std::size_t i = 0; i < kPickerColumns; ++i)
      out +=
          (i == 0 ? "" : "  ") + (columns(rows[row][i]) > widest[i] ? rows[row][i] : fitted(rows[row][i], widest[i]));
    out += '\n';
  }
  return out;
}

/// A reader that goes away ends the writing, not us.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &before_);
  }
  ~NoBrokenPipe() { sigaction(SIGPIPE, &before_, nullptr); }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  struct sigaction before_{};
};

base::Result<pid_t> start(const std::string& program, const base::Environment& environment, const Pipe& in,
                          const Pipe& out) {
  const std::vector<std::string> argv = {program,     "--with-nth=2..", "--delimiter=\t",     "--no-multi",
                                         "--reverse", "--height=60%",   "--prompt=profile: ", "--tiebreak=index"};
  std::vector<std::string> entries;
  for (const auto entry : environment.entries()) entries.emplace_back(entry);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&files, in.read_end.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out.write_end.get(), STDOUT_FILENO);
  // It draws on its standard error, which may be captured.
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/tty", O_RDWR, 0);
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &pipe);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t child = 0;
  const int failed = posix_spawn(&child, program.c_str(), &files, &attributes, base::exec_pointers(argv).data(),
                                 base::exec_pointers(entries).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0)
    return base::fail(base::ErrorKind::failure, base::printable(program) + ": " + base::errno_text(failed));
  return child;
}

std::string read_answer(int from) {
  std::string answer(kLongestAnswer, '\0');
  std::size_t have = 0;
  while (have < answer.size()) {
    const ssize_t n = read(from, answer.data() + have, answer.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    have += static_cast<std::size_t>(n);
  }
  answer.resize(have);
  return answer;
}

}  // namespace

base::Result<std::size_t> run_fzf(const std::string& program, const base::Environment& environment, std::size_t count,
                                  const std::function<PickerCells(std::size_t)>& cells_of) {
  Pipe in = TRY(make_pipe());
  Pipe out = TRY(make_pipe());
  const NoBrokenPipe no_broken_pipe;
  const pid_t child = TRY(start(program, environment, in, out));
  in.read_end = base::Descriptor();
  out.write_end = base::Descriptor();
  const std::string lines = lines_of(count, cells_of);
  (void)base::write_all(in.write_end.get(), std::as_bytes(std::span(lines)));
  in.write_end = base::Descriptor();
  const std::string answer = read_answer(out.read_end.get());
  const int code = base::wait_for_end(child);
  if (code == kInterrupted) raise(SIGINT);
  const auto row = base::parse_integer(std::string_view(answer).substr(0, answer.find('\t')));
  if (code != 0 || !row || *row < 0 || static_cast<std::size_t>(*row) >= count)
    return base::fail(base::ErrorKind::failure, "no profile was chosen");
  return static_cast<std::size_t>(*row);
}

}  // namespace cli
