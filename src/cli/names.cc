// kabuto names: the links by which kabuto is called like the tools that it replaces. It makes and takes away its own
// links alone: what else stands under such a name is left as it is.
#include "base/file.h"
#include "base/process.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/old_names.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>

namespace cli {
namespace {

using base::ErrorKind;
using base::fail;

constexpr const char* kOurselves = "/proc/self/exe";
constexpr std::string_view kProgram = "kabuto";

struct Options {
  std::string directory;
  std::vector<std::string> names;
};

enum class Stands { nothing, our_link, dangling_link_of_ours, something_else };

/// The file itself, all links followed; empty where it is not there.
std::string real_path(const std::string& path) {
  char out[PATH_MAX];
  return realpath(path.c_str(), out) == nullptr ? std::string() : std::string(out);
}

std::optional<std::string> target_of(const std::string& link) {
  char out[PATH_MAX];
  const ssize_t size = readlink(link.c_str(), out, sizeof out);
  if (size < 0) return std::nullopt;
  return std::string(out, static_cast<std::size_t>(size));
}

base::Result<std::string> own_path() {
  if (std::string path = real_path(kOurselves); !path.empty()) return path;
  return fail(ErrorKind::failure, "kabuto's own file is no longer where it was started from", "install kabuto anew");
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

base::Result<Stands> what_stands_at(const std::string& path, const std::string& own) {
  struct stat found{};
  if (lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return Stands::nothing;
    return fail(ErrorKind::failure, "look at " + base::printable(path) + ": " + base::errno_text(errno));
  }
  if (!S_ISLNK(found.st_mode)) return Stands::something_else;
  const std::string real = real_path(path);
  if (real == own) return Stands::our_link;
  const auto target = target_of(path);
  return real.empty() && target && last_part(*target) == kProgram ? Stands::dangling_link_of_ours
                                                                  : Stands::something_else;
}

base::Result<void> check_names(const Options& options) {
  for (const auto& name : options.names)
    if (std::ranges::find(kOldNames, name) == kOldNames.end())
      return fail(ErrorKind::usage, "kabuto does not answer to the name " + base::printable(name, 60),
                  "run kabuto names list");
  return {};
}

std::vector<std::string> names_meant(const Options& options) {
  if (!options.names.empty()) return options.names;
  return {kOldNames.begin(), kOldNames.end()};
}

base::Result<std::string> checked_directory(const std::string& directory, const std::string& hint) {
  std::string real = real_path(directory);
  struct stat found{};
  if (real.empty() || stat(real.c_str(), &found) != 0)
    return fail(ErrorKind::not_found, "there is no directory " + base::printable(directory), hint);
  if (!S_ISDIR(found.st_mode)) return fail(ErrorKind::usage, base::printable(directory) + " is no directory");
  return real;
}

std::unexpected<base::Error> cannot(const char* doing, const std::string& path, int code) {
  return fail(ErrorKind::failure, std::string(doing) + " " + base::printable(path) + ": " + base::errno_text(code),
              code == EACCES || code == EPERM || code == EROFS ? "name a directory that you may write" : "");
}

base::Result<void> make_link(const std::string& path, const std::string& own, Stands stands) {
  if (stands == Stands::our_link) return {};
  if (stands == Stands::dangling_link_of_ours && unlink(path.c_str()) != 0) return cannot("replace", path, errno);
  // symlink never replaces anything.
  if (symlink(own.c_str(), path.c_str()) != 0) return cannot("make the link", path, errno);
  return {};
}

/// Which program a shell would start for the name, and which others it would find behind it.
std::vector<std::string> found_in_path(const std::string& name, const base::Environment& environment) {
  std::vector<std::string> out;
  for (const auto directory : base::split(environment.get("PATH").value_or(""), ':')) {
    if (!directory.starts_with('/')) continue;
    const std::string path = std::string(directory) + "/" + name;
    struct stat found{};
    if (stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) && access(path.c_str(), X_OK) == 0)
      out.push_back(path);
  }
  return out;
}

/// What of another's has the same name: in front of the link, or hidden by it.
void warn_of_shadows(Context& context, const std::string& directory, const std::string& name, const std::string& own) {
  bool is_behind = false;
  for (const auto& path : found_in_path(name, context.environment())) {
    if (real_path(path.substr(0, path.rfind('/'))) == directory) {
      is_behind = true;
    } else if (real_path(path) != own) {
      context.output().warn(
          is_behind ? fmt::format("{} hides {}, which stands behind it in PATH", name, base::printable(path))
                    : fmt::format("{} comes first in PATH: it is what {} starts", base::printable(path), name));
    }
  }
}

base::Result<int> install(const Options& options, Context& context) {
  TRY(check_names(options));
  const std::string own = TRY(own_path());
  const std::string directory =
      TRY(checked_directory(options.directory, "run mkdir -p " + base::shell_word(options.directory)));
  const auto names = names_meant(options);
  std::vector<Stands> standing;
  // All is looked at before anything is made.
  for (const auto& name : names) {
    const std::string path = directory + "/" + name;
    standing.push_back(TRY(what_stands_at(path, own)));
    if (standing.back() == Stands::something_else)
      return fail(ErrorKind::refused, base::printable(path) + " is there and is no link of kabuto's: nothing was made",
                  "move it away, or name another directory that comes before it in PATH");
  }
  std::string made;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string path = directory + "/" + names[i];
    TRY(make_link(path, own, standing[i]));
    made += base::printable(path) + "\n";
  }
  TRY(context.output().answer(made));
  const auto directories = base::split(context.environment().get("PATH").value_or(""), ':');
  if (std::ranges::none_of(directories, [&](auto each) { return real_path(std::string(each)) == directory; }))
    context.output().warn(base::printable(directory) + " is not in PATH");
  for (const auto& name : names) warn_of_shadows(context, directory, name, own);
  return 0;
}

base::Result<int> remove(const Options& options, Context& context) {
  TRY(check_names(options));
  const std::string own = TRY(own_path());
  const std::string directory = TRY(checked_directory(options.directory, ""));
  std::string gone;
  for (const auto& name : names_meant(options)) {
    const std::string path = directory + "/" + name;
    const Stands stands = TRY(what_stands_at(path, own));
    if (stands == Stands::nothing) continue;
    if (stands == Stands::something_else) {
      context.output().warn(base::printable(path) + " is no link of kabuto's, and stays");
      continue;
    }
    if (unlink(path.c_str()) != 0) return cannot("remove", path, errno);
    gone += base::printable(path) + "\n";
  }
  TRY(context.output().answer(gone));
  return 0;
}

base::Result<int> list(bool as_json, Context& context) {
  using Json = nlohmann::ordered_json;
  const std::string own = TRY(own_path());
  Json names = Json::array();
  std::string text;
  for (const auto known : kOldNames) {
    const std::string name(known);
    const auto found = found_in_path(name, context.environment());
    const bool ours = !found.empty() && real_path(found.front()) == own;
    names.push_back({{"name", name}, {"path", found.empty() ? Json() : Json(found.front())}, {"is_kabuto", ours}});
    const std::string where = found.empty() ? "not in PATH" : base::printable(found.front());
    text += fmt::format("{:<12}  {}{}\n", name, where, found.empty() || ours ? "" : ", which is not kabuto");
  }
  TRY(context.output().answer(as_json ? Json{{"names", names}}.dump(2, ' ', true, Json::error_handler_t::replace) + "\n"
                                      : text));
  return 0;
}

void declare_options(Arguments& arguments, Options& options, const std::string& what) {
  arguments.positional("DIR", options.directory, Presence::required, what);
  arguments.option("--name", "NAME", options.names, "only this name; may be given several times");
}

}  // namespace

Action declare_names_install(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  declare_options(arguments, *options, "where the links go: a directory of PATH");
  return [options](Context& context) { return install(*options, context); };
}

Action declare_names_remove(Arguments& arguments) {
  const auto options = std::make_shared<Options>();
  declare_options(arguments, *options, "where the links are");
  return [options](Context& context) { return remove(*options, context); };
}

Action declare_names_list(Arguments& arguments) {
  const auto as_json = std::make_shared<bool>();
  arguments.flag("--json", *as_json, "one JSON object, every field present");
  return [as_json](Context& context) { return list(*as_json, context); };
}

}  // namespace cli
