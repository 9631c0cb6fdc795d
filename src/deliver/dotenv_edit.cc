#include "deliver/dotenv_edit.h"

#include "base/text.h"
#include "deliver/dotenv_lexer.h"
#include "deliver/quoting.h"
#include "deliver/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace deliver {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::string_view kPrefix = "AWS_";
constexpr std::string_view kProfile = "AWS_PROFILE";
constexpr std::string_view kId = "AWS_ACCESS_KEY_ID";
constexpr std::string_view kLongTermPrefix = "AKIA";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kMostValue = std::size_t{256} << 10;

enum class WhereMissing { added, left_out };
enum class Kind { credential, region };

struct Key {
  std::string_view name;
  WhereMissing missing;
  Kind kind;
};
// Older names get the new value where they are there: some readers prefer them.
constexpr std::array<Key, 8> kKeys = {{{kId, WhereMissing::added, Kind::credential},
                                       {"AWS_SECRET_ACCESS_KEY", WhereMissing::added, Kind::credential},
                                       {"AWS_SESSION_TOKEN", WhereMissing::added, Kind::credential},
                                       {"AWS_SECURITY_TOKEN", WhereMissing::left_out, Kind::credential},
                                       {"AWS_CREDENTIAL_EXPIRATION", WhereMissing::added, Kind::credential},
                                       {"AWS_SESSION_EXPIRATION", WhereMissing::left_out, Kind::credential},
                                       {"AWS_REGION", WhereMissing::added, Kind::region},
                                       {"AWS_DEFAULT_REGION", WhereMissing::added, Kind::region}}};

enum class Wanted { as_it_is, set, gone };

/// What shall become of one key.
struct Wish {
  const Key* key;
  Wanted wanted = Wanted::as_it_is;
  const secret::Bytes* value = nullptr;  // of set
};

struct Splice {
  std::size_t begin;
  std::size_t end;
  std::string before;
  secret::Bytes value;
  std::string after;
};

unsigned line_of(std::string_view text, std::size_t at) {
  return static_cast<unsigned>(std::ranges::count(text.substr(0, at), '\n')) + 1;
}

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

std::string_view line_end_of(std::string_view text) {
  const auto found = text.find('\n');
  return found != std::string_view::npos && found > 0 && text[found - 1] == '\r' ? "\r\n" : "\n";
}

/// Behind the line that `at` is in, its end included.
std::size_t behind_line(std::string_view text, std::size_t at) {
  while (at < text.size() && !is_line_end(text[at])) ++at;
  if (at < text.size()) at += text.substr(at).starts_with("\r\n") ? 2 : 1;
  return at;
}

std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t first = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (at > first && !is_line_end(text[at - 1])) --at;
  return at;
}

/// In the quotes that are there, where both readers get back these bytes from them; else in such as they do.
base::Result<secret::Bytes> rendered(std::string_view name, const secret::Bytes& value, Quote quote) {
  secret::Buffer out(kMostValue);
  const bool written = value.reveal_text([&](std::string_view text) {
    const bool expands = text.find("${") != std::string_view::npos || !base::is_valid_utf8(text);
    const std::string_view never = quote == Quote::one ? "'\\" : "\"\\$`";
    if (quote == Quote::none || expands || text.find_first_of(never) != std::string_view::npos)
      return append_quoted(out, Quoting::dotenv, text);
    const std::string_view mark = quote == Quote::one ? "'" : "\"";
    append_text(out, mark);
    append_text(out, text);
    append_text(out, mark);
    return true;
  });
  if (!written)
    return fail(ErrorKind::refused,
                fmt::format("the value of {} cannot be written into a .env file without changing it", name),
                "use kabuto exec");
  return std::move(out).take();
}

/// Without its quotes; escapes stand in it as they are.
std::string_view bare_value(const DotenvBinding& binding, std::string_view text) {
  const auto value = binding.value.in(text);
  return binding.quote == Quote::none ? value : value.substr(1, value.size() - 2);
}

/// One reading of our keys in which both readers agree, with the wish for each.
struct Ours {
  DotenvBinding binding;
  const Wish* wish;
};

class DotenvEditor {
 public:
  DotenvEditor(std::string_view text, std::vector<Wish> wishes) : text_(text), wishes_(std::move(wishes)) {}
  base::Result<DotenvChange> change();

 private:
  const Wish* wish_of(const DotenvBinding& binding) const;
  base::Result<void> find_ours();
  base::Result<void> check_agreement(const DotenvReading& python, const DotenvReading& compose) const;
  void note_lost_id(const Ours& ours);
  base::Result<void> set(const Ours& ours);
  void remove(const Ours& ours);
  base::Result<void> add_missing();
  void spliced();
  std::size_t changed_from(std::size_t last_statement) const;
  std::string_view changed_part(std::size_t last_statement) const;
  bool is_as_wished(const DotenvReading& reading, std::string_view text) const;
  base::Result<void> check_reads_back() const;

  std::string_view text_;
  std::vector<Wish> wishes_;
  std::vector<Ours> ours_;
  bool is_last_exported_ = false;
  bool compose_reads_ = true;
  std::size_t last_for_python_ = 0;  // statements
  std::size_t last_for_compose_ = 0;
  std::vector<Splice> splices_;
  DotenvChange out_;
};

const Wish* DotenvEditor::wish_of(const DotenvBinding& binding) const {
  const auto found =
      std::ranges::find_if(wishes_, [&](const Wish& wish) { return wish.key->name == binding.key.in(text_); });
  return found == wishes_.end() ? nullptr : &*found;
}

/// Whether what follows a bare value means the same to both: blanks and a comment. A lone carriage return ends the line
/// for one of them alone, and there are spaces that are part of the value for the other.
bool ends_its_line(std::string_view text, const DotenvBinding& binding) {
  if (binding.quote != Quote::none) return true;
  const auto end = std::min(text.find('\n', binding.value.begin), text.size());
  const auto carriage = text.substr(0, end).find('\r', binding.value.begin);
  if (carriage != std::string_view::npos && (carriage + 1 != end || end == text.size())) return false;
  const auto rest = text.substr(binding.value.end, end - binding.value.end);
  return rest.substr(0, rest.find('#')).find_first_not_of(" \t\v\f\r") == std::string_view::npos;
}

base::Result<void> DotenvEditor::check_agreement(const DotenvReading& python, const DotenvReading& compose) const {
  const auto of_ours = [&](const DotenvReading& reading) {
    std::vector<DotenvBinding> out;
    for (const auto& binding : reading.bindings)
      if (wish_of(binding) != nullptr) out.push_back(binding);
    return out;
  };
  const auto same = [](const DotenvBinding& a, const DotenvBinding& b) {
    return a.key == b.key && a.quote == b.quote && a.has_value == b.has_value &&
           (a.quote == Quote::none || a.value == b.value);
  };
  const auto ours = of_ours(python);
  const auto theirs = compose_reads_ ? of_ours(compose) : ours;
  const auto [here, there] = std::ranges::mismatch(ours, theirs, same);
  const auto odd = std::ranges::find_if(ours, [&](const auto& one) { return !ends_its_line(text_, one); });
  std::size_t at = std::string_view::npos;
  if (odd != ours.end()) at = odd->key.begin;
  if (here != ours.end()) at = std::min(at, here->key.begin);
  if (there != theirs.end()) at = std::min(at, there->key.begin);
  if (at == std::string_view::npos) return {};
  return fail(
      ErrorKind::refused,
      fmt::format("line {}: python-dotenv and docker compose do not read this line the same way", line_of(text_, at)),
      "write it as NAME=value, or take it out, and look for quotes that are open above it");
}

base::Result<void> DotenvEditor::find_ours() {
  const auto [python, compose] = read_dotenv(text_, kPrefix);
  compose_reads_ = !compose.refused;
  if (compose.refused) out_.report.refused_by_compose = line_of(text_, *compose.refused);
  TRY(check_agreement(python, compose));
  is_last_exported_ = python.is_last_exported;
  last_for_python_ = python.last;
  last_for_compose_ = compose.last;
  for (const auto& binding : python.bindings) {
    if (binding.key.in(text_) == kProfile) out_.report.names_profile = line_of(text_, binding.key.begin);
    const Wish* const wish = wish_of(binding);
    if (wish != nullptr) ours_.push_back({binding, wish});
  }
  return {};
}

/// The id tells the key, and what is written anew is the same key.
void DotenvEditor::note_lost_id(const Ours& ours) {
  const auto& [binding, wish] = ours;
  if (wish->wanted == Wanted::as_it_is || wish->key->name != kId) return;
  const auto id = bare_value(binding, text_);
  if (!id.starts_with(kLongTermPrefix)) return;
  const auto is_it = [&](std::string_view value) { return value == id; };
  if (wish->wanted == Wanted::gone || !wish->value->reveal_text(is_it)) out_.report.lost_ids.emplace_back(id);
}

base::Result<void> DotenvEditor::set(const Ours& ours) {
  const auto& [binding, wish] = ours;
  auto value = TRY(rendered(wish->key->name, *wish->value, binding.quote));
  splices_.push_back({binding.value.begin, binding.value.end, binding.has_value ? "" : "=", std::move(value), ""});
  // A comment behind a bare value begins with a blank and '#' for both; a tab is not enough for one of them.
  if (binding.quote != Quote::none) return {};
  std::size_t at = binding.value.end;
  while (at < text_.size() && text_[at] != '#' && !is_line_end(text_[at])) ++at;
  if (at < text_.size() && text_[at] == '#' && text_[at - 1] != ' ') splices_.push_back({at, at, " ", {}, ""});
  return {};
}

void DotenvEditor::remove(const Ours& ours) {
  const std::string name(ours.wish->key->name);
  if (std::ranges::find(out_.report.removed, name) == out_.report.removed.end()) out_.report.removed.push_back(name);
  splices_.push_back(
      {line_begin(text_, ours.binding.key.begin), behind_line(text_, ours.binding.value.end), "", {}, ""});
}

/// Behind the last line of ours that stays, or at the file's end.
base::Result<void> DotenvEditor::add_missing() {
  std::size_t at = text_.size();
  bool exported = is_last_exported_;
  for (const auto& ours : ours_) {
    if (ours.wish->wanted == Wanted::gone) continue;
    at = behind_line(text_, ours.binding.value.end);
    exported = ours.binding.is_exported;
  }
  const std::string end(line_end_of(text_));
  const std::size_t mark = text_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  bool open = at > mark && !is_line_end(text_[at - 1]);
  for (const auto& wish : wishes_) {
    if (wish.wanted != Wanted::set || wish.key->missing == WhereMissing::left_out) continue;
    if (std::ranges::find(ours_, &wish, &Ours::wish) != ours_.end()) continue;
    auto value = TRY(rendered(wish.key->name, *wish.value, Quote::none));
    splices_.push_back({at, at, fmt::format("{}{}{}=", open ? end : "", exported ? "export " : "", wish.key->name),
                        std::move(value), end});
    open = false;
  }
  return {};
}

/// What may read differently than before: from the first statement that was changed, or after which something was
/// added, to the end of the last line that was. Both readers know nothing at a statement's begin but where they are.
void DotenvEditor::spliced() {
  std::ranges::stable_sort(splices_, {}, &Splice::begin);
  std::size_t begin = text_.size();
  std::size_t end = text_.size();
  if (!splices_.empty()) {
    begin = std::min(changed_from(last_for_python_), changed_from(last_for_compose_));
    end = behind_line(text_, splices_.back().end);
  }
  std::size_t size = end - begin;
  for (const auto& splice : splices_) size += splice.before.size() + splice.value.size() + splice.after.size();
  out_.before = text_.substr(0, begin);
  out_.changed = aws::FileText(size);
  out_.after = text_.substr(end);
  for (const auto& splice : splices_) {
    out_.changed.append(text_.substr(begin, splice.begin - begin));
    out_.changed.append(splice.before);
    splice.value.reveal_text([&](std::string_view value) { out_.changed.append(value); });
    out_.changed.append(splice.after);
    begin = splice.end;
  }
  out_.changed.append(text_.substr(begin, end - begin));
}

std::size_t DotenvEditor::changed_from(std::size_t last_statement) const {
  return ours_.empty() ? last_statement : line_begin(text_, ours_.front().binding.key.begin);
}

/// The changed part as the reader sees it who read `last_statement` last.
std::string_view DotenvEditor::changed_part(std::size_t last_statement) const {
  if (splices_.empty()) return {};
  return out_.changed.view().substr(changed_from(last_statement) - out_.before.size());
}

/// Whether our keys are there as often as they shall be, each with its new value.
bool DotenvEditor::is_as_wished(const DotenvReading& reading, std::string_view text) const {
  std::size_t found = 0;
  for (const auto& binding : reading.bindings) {
    const auto name = binding.key.in(text);
    const auto wish = std::ranges::find_if(wishes_, [&](const Wish& one) { return one.key->name == name; });
    if (wish == wishes_.end() || wish->wanted == Wanted::as_it_is) continue;
    if (wish->wanted == Wanted::gone || !binding.has_value) return false;
    const auto bare = bare_value(binding, text);
    const bool same = wish->value->reveal_text([&](std::string_view value) { return bare == value; });
    if (!same) return false;
    ++found;
  }
  std::size_t expected = 0;
  for (const auto& wish : wishes_) {
    if (wish.wanted != Wanted::set) continue;
    const auto there = static_cast<std::size_t>(std::ranges::count(ours_, &wish, &Ours::wish));
    expected += there > 0 || wish.key->missing == WhereMissing::left_out ? there : 1;
  }
  return found == expected;
}

/// The last line of defence.
base::Result<void> DotenvEditor::check_reads_back() const {
  const auto for_python = changed_part(last_for_python_);
  const auto for_compose = changed_part(last_for_compose_);
  bool good = is_as_wished(read_as_python(for_python, kPrefix), for_python);
  if (good && compose_reads_) {
    const auto compose = read_as_compose(for_compose, kPrefix);
    good = !compose.refused && is_as_wished(compose, for_compose);
  } else if (good) {
    // What it could not read may have been one of our lines.
    const auto whole = out_.whole();
    const auto compose = read_as_compose(whole.view(), kPrefix);
    good = compose.refused || is_as_wished(compose, whole.view());
  }
  if (good) return {};
  return fail(ErrorKind::refused,
              "what would be written would not be read back by both python-dotenv and docker compose",
              "look for quotes that are open above the end of the file");
}

base::Result<DotenvChange> DotenvEditor::change() {
  TRY(find_ours());
  for (const auto& ours : ours_) {
    note_lost_id(ours);
    if (ours.wish->wanted == Wanted::set) TRY(set(ours));
    if (ours.wish->wanted == Wanted::gone) remove(ours);
  }
  for (const auto& wish : wishes_) {
    if (wish.wanted != Wanted::set || std::ranges::count(ours_, &wish, &Ours::wish) < 2) continue;
    out_.report.duplicates.push_back({std::string(wish.key->name), {}});
    for (const auto& ours : ours_)
      if (ours.wish == &wish) out_.report.duplicates.back().lines.push_back(line_of(text_, ours.binding.key.begin));
  }
  TRY(add_missing());
  spliced();
  TRY(check_reads_back());
  return std::move(out_);
}

}  // namespace

aws::FileText DotenvChange::whole() const {
  aws::FileText out(before.size() + changed.view().size() + after.size());
  for (const auto part : {before, changed.view(), after}) out.append(part);
  return out;
}

bool is_dotenv_key_of_ours(std::string_view name) { return std::ranges::find(kKeys, name, &Key::name) != kKeys.end(); }

base::Result<DotenvChange> dotenv_with(std::string_view text, const aws::Credentials& credentials,
                                       const Recipient& recipient) {
  TRY(check_values(credentials, recipient));
  const auto id = secret::Bytes::copy_of(credentials.access_key_id);
  const auto region = secret::Bytes::copy_of(recipient.region);
  const auto expires =
      secret::Bytes::copy_of(credentials.expiration ? base::iso8601(*credentials.expiration) : std::string());
  const auto& token = credentials.session_token;
  const std::array<const secret::Bytes*, kKeys.size()> values = {
      &id, &credentials.secret_access_key, &token, &token, &expires, &expires, &region, &region};
  std::vector<Wish> wishes;
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    const bool is_region = kKeys[i].kind == Kind::region;
    const auto without = is_region ? Wanted::as_it_is : Wanted::gone;
    wishes.push_back({&kKeys[i], values[i]->empty() ? without : Wanted::set, values[i]});
  }
  return DotenvEditor(text, std::move(wishes)).change();
}

base::Result<DotenvChange> dotenv_without(std::string_view text) {
  std::vector<Wish> wishes;
  for (const auto& key : kKeys)
    if (key.kind == Kind::credential) wishes.push_back({&key, Wanted::gone, nullptr});
  return DotenvEditor(text, std::move(wishes)).change();
}

}  // namespace deliver
