// YAML by libyaml's events, loaded when such a file is first read: linking it would cost every run of the program.
#include "peers/settings_text.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <yaml.h>

#include <memory>
#include <utility>

namespace peers {
namespace {

using base::ErrorKind;
using base::fail;

constexpr const char* kFile = "libyaml-0.so.2";
constexpr std::size_t kDeepest = 64;
constexpr std::size_t kMostSettings = 100'000;

struct Library {
  decltype(&yaml_parser_initialize) initialize = nullptr;
  decltype(&yaml_parser_set_input_string) set_input = nullptr;
  decltype(&yaml_parser_parse) parse = nullptr;
  decltype(&yaml_event_delete) delete_event = nullptr;
  decltype(&yaml_parser_delete) delete_parser = nullptr;
};

base::Result<Library> load() {
  void* const handle = dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
  Library out;
  bool whole = handle != nullptr;
  const auto find = [&](const char* name, auto& into) {
    if (handle != nullptr) into = reinterpret_cast<std::remove_reference_t<decltype(into)>>(dlsym(handle, name));
    whole = whole && into != nullptr;
  };
  find("yaml_parser_initialize", out.initialize);
  find("yaml_parser_set_input_string", out.set_input);
  find("yaml_parser_parse", out.parse);
  find("yaml_event_delete", out.delete_event);
  find("yaml_parser_delete", out.delete_parser);
  if (!whole) return fail(ErrorKind::failure, "libyaml cannot be loaded", "run sudo apt-get install libyaml-0-2");
  return out;
}

/// The mappings and sequences that are open; the key that waits for its value is the last of a mapping's.
class Builder {
 public:
  /// False where it is not read.
  bool scalar(std::string_view text, unsigned line) {
    if (open_.empty()) return true;
    Level& level = open_.back();
    if (level.is_sequence) return true;
    if (!level.has_key) {
      level.key = text;
      level.has_key = true;
      return true;
    }
    level.has_key = false;
    if (in_sequence_ > 0) return true;
    if (settings_.size() >= kMostSettings) return false;
    TextSetting setting;
    for (const auto& one : open_) setting.path.push_back(one.key);
    setting.value = text;
    setting.line = line;
    settings_.push_back(std::move(setting));
    return true;
  }

  bool begin(bool is_sequence) {
    // A mapping or a list in the place of a key is nobody's configuration.
    if (open_.size() >= kDeepest || (!open_.empty() && !open_.back().is_sequence && !open_.back().has_key))
      return false;
    open_.push_back({.is_sequence = is_sequence});
    if (is_sequence) ++in_sequence_;
    return true;
  }

  bool end() {
    if (open_.empty()) return false;
    if (open_.back().is_sequence) --in_sequence_;
    open_.pop_back();
    if (!open_.empty()) open_.back().has_key = false;
    return true;
  }

  std::vector<TextSetting> take() && { return std::move(settings_); }

 private:
  struct Level {
    std::string key = {};
    bool has_key = false;
    bool is_sequence = false;
  };
  std::vector<Level> open_;
  std::size_t in_sequence_ = 0;
  std::vector<TextSetting> settings_;
};

bool take(const yaml_event_t& event, Builder& builder) {
  switch (event.type) {
    case YAML_SCALAR_EVENT:
      return builder.scalar({reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length},
                            static_cast<unsigned>(event.start_mark.line + 1));
    case YAML_MAPPING_START_EVENT:
      return builder.begin(false);
    case YAML_SEQUENCE_START_EVENT:
      return builder.begin(true);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
      return builder.end();
    case YAML_ALIAS_EVENT:
      return false;
    default:
      return true;
  }
}

}  // namespace

base::Result<std::vector<TextSetting>> read_yaml(std::string_view text) {
  const Library library = TRY(load());
  yaml_parser_t parser{};
  if (library.initialize(&parser) == 0) return fail(ErrorKind::failure, "libyaml has no memory");
  const std::unique_ptr<yaml_parser_t, decltype(library.delete_parser)> owner(&parser, library.delete_parser);
  library.set_input(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  Builder builder;
  for (bool ended = false; !ended;) {
    yaml_event_t event{};
    const bool good = library.parse(&parser, &event) != 0;
    const auto line = good ? event.start_mark.line : parser.problem_mark.line;
    const bool read = good && take(event, builder);
    ended = event.type == YAML_DOCUMENT_END_EVENT || event.type == YAML_STREAM_END_EVENT;
    if (good) library.delete_event(&event);
    if (!read) return fail(ErrorKind::failure, fmt::format("line {} is of a form that is not read here", line + 1));
  }
  return std::move(builder).take();
}

}  // namespace peers
