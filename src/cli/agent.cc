// kabuto agent: start, status, stop. The agent itself is src/agent/; here is what a person sees of it.
#include "agent/client.h"
#include "agent/place.h"
#include "agent/server.h"
#include "agent/sleep_signal.h"
#include "agent/start.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "secret/places.h"
#include "version.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <vector>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShown = 100;

struct Renewal {
  std::string profile, expires, tried, code;
};

/// An agent's answer, read once for both forms.
struct State {
  bool is_running = false;
  secret::Fields fields;
  std::vector<Renewal> renewals;

  std::string get(const char* name) const { return secret::field(fields, name); }
  bool is_locked() const { return get("locked") != "no"; }
  bool locks_memory() const { return get("memory-locked") != "no"; }
  base::Duration left() const { return base::Duration(base::parse_integer(get("left-ms")).value_or(0)); }
};

base::Result<State> state_of(Context& context) {
  agent::Client* const client = TRY(context.agent());
  State state;
  auto fields = TRY(client->status());
  if (!fields) return state;
  state.is_running = true;
  state.fields = std::move(*fields);
  for (std::size_t i = 0;; ++i) {
    const std::string key = "watch." + std::to_string(i) + ".";
    if (!state.fields.contains(key + "profile")) return state;
    const auto part = [&](const char* name) { return secret::field(state.fields, key + name); };
    state.renewals.push_back({part("profile"), part("expires"), part("tried"), part("code")});
  }
}

std::string text_of(const Renewal& renewal) {
  std::string text =
      fmt::format("  {}  until {}", base::printable(renewal.profile, kShown), base::printable(renewal.expires, kShown));
  if (renewal.tried.empty()) return text + "\n";
  const std::string when = base::printable(renewal.tried, kShown);
  if (renewal.code.empty()) return text + ", being renewed since " + when + "\n";
  if (renewal.code == "0") return text + ", renewed at " + when + "\n";
  return text + fmt::format(", could not be renewed at {}: kabuto process ended with {}\n", when,
                            base::printable(renewal.code, kShown));
}

std::string text_of(const State& state) {
  if (!state.is_running) return "no agent runs; one starts when you type the store's passphrase\n";
  std::string text = fmt::format("the agent runs (pid {}, version {})\n", base::printable(state.get("pid"), kShown),
                                 base::printable(state.get("version"), kShown));
  text += state.is_locked() ? "locked: " + base::printable(state.get("why"), kShown) + "\n"
                            : "unlocked for " + base::human_duration(state.left()) + "\n";
  if (const auto holds = state.get("holds"); holds != "0" && !state.is_locked())
    text += holds == "1" ? "1 running command keeps it unlocked\n"
                         : base::printable(holds, kShown) + " running commands keep it unlocked\n";
  if (!state.locks_memory()) text += "its memory cannot be locked (ulimit -l): keys may be written to swap\n";
  if (const auto problem = state.get("sleep"); !problem.empty())
    text += "it hears nothing of the machine's sleep (" + base::printable(problem, kShown) + "), and locks at wake\n";
  if (const auto count = state.get("turned-away"); count != "0")
    text += fmt::format("turned away {} times, last uid {}\n", base::printable(count, kShown),
                        base::printable(state.get("turned-away-uid"), kShown));
  if (!state.renewals.empty()) text += "renews before their end:\n";
  for (const auto& renewal : state.renewals) text += text_of(renewal);
  return text;
}

Json number_or_null(const std::string& text) {
  const auto number = base::parse_integer(text);
  return number ? Json(*number) : Json();
}
Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::string json_of(const State& state) {
  Json out = {{"running", state.is_running},
              {"pid", number_or_null(state.get("pid"))},
              {"version", text_or_null(state.get("version"))},
              {"locked", state.is_running ? Json(state.is_locked()) : Json()},
              {"why_locked", text_or_null(state.get("why"))},
              {"seconds_left", state.is_locked() ? Json() : Json(state.left().count() / 1000)},
              {"clients", number_or_null(state.get("clients"))},
              {"holds", number_or_null(state.get("holds"))},
              {"memory_locked", state.is_running ? Json(state.locks_memory()) : Json()},
              {"sleep_problem", text_or_null(state.get("sleep"))},
              {"turned_away", number_or_null(state.get("turned-away"))},
              {"renewals", Json::array()}};
  for (const auto& renewal : state.renewals)
    out["renewals"].push_back({{"profile", text_or_null(renewal.profile)},
                               {"expiration", text_or_null(renewal.expires)},
                               {"tried", text_or_null(renewal.tried)},
                               {"code", number_or_null(renewal.code)}});
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

base::Result<int> serve(Context& context) {
  const secret::Places* const places = TRY(context.places());
  auto listener = TRY(agent::Listener::open(agent::find_place(context.environment(), *places)));
  if (!listener) {
    TRY(context.output().answer("an agent runs already\n"));
    return 0;
  }
  const std::vector<std::string> kept = agent::environment_of_agent(context.environment());
  const auto environment = base::Environment::of_entries({kept.begin(), kept.end()});
  agent::Server server({.environment = environment,
                        .places = *places,
                        .version = kVersion,
                        .times = agent::times_now,
                        .note = [&](std::string_view line) { context.output().note(line); },
                        .sleep_signal = agent::login1_sleep_signal},
                       std::move(*listener));
  server.run();
  return 0;
}

base::Result<int> start(Context& context) {
  agent::Client* const client = TRY(context.agent());
  const bool is_new = TRY(client->start());
  const State state = TRY(state_of(context));
  TRY(context.output().answer((is_new ? "started\n" : "") + text_of(state)));
  return 0;
}

base::Result<int> stop(Context& context) {
  agent::Client* const client = TRY(context.agent());
  const bool was_running = TRY(client->stop());
  TRY(context.output().answer(was_running ? "the agent has ended\n" : "no agent runs\n"));
  return 0;
}

}  // namespace

Action declare_agent_start(Arguments& arguments) {
  const auto foreground = std::make_shared<bool>(false);  // shared: the action outlives this call
  arguments.flag("--foreground", *foreground, "serve here, and say on standard error what happens");
  return [foreground](Context& context) { return *foreground ? serve(context) : start(context); };
}

Action declare_agent_status(Arguments& arguments) {
  const auto json = std::make_shared<bool>(false);  // shared: the action outlives this call
  arguments.flag("--json", *json, "one JSON object, every field present");
  return [json](Context& context) -> base::Result<int> {
    const State state = TRY(state_of(context));
    TRY(context.output().answer(*json ? json_of(state) : text_of(state)));
    return 0;
  };
}

Action declare_agent_stop(Arguments&) { return stop; }

}  // namespace cli
