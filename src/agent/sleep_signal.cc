#include "agent/sleep_signal.h"

#include "base/file.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <systemd/sd-bus.h>

#include <utility>

namespace agent {
namespace {

constexpr char kFile[] = "libsystemd.so.0";
constexpr char kService[] = "org.freedesktop.login1";
constexpr char kObject[] = "/org/freedesktop/login1";
constexpr char kInterface[] = "org.freedesktop.login1.Manager";

/// The whole of libsystemd that kabuto uses.
struct Library {
  decltype(&::sd_bus_open_system) open_system = nullptr;
  decltype(&::sd_bus_flush_close_unref) close = nullptr;
  decltype(&::sd_bus_get_fd) get_fd = nullptr;
  decltype(&::sd_bus_get_events) get_events = nullptr;
  decltype(&::sd_bus_process) process = nullptr;
  decltype(&::sd_bus_match_signal_async) match_signal = nullptr;
  decltype(&::sd_bus_call_method_async) call = nullptr;
  decltype(&::sd_bus_message_read) read = nullptr;
  decltype(&::sd_bus_message_is_method_error) is_error = nullptr;

  /// Loaded until the process ends.
  bool load() {
    void* const library = dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
    const auto find = [library](const char* name, auto& function) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
      return function != nullptr;
    };
    return library != nullptr && find("sd_bus_open_system", open_system) && find("sd_bus_flush_close_unref", close) &&
           find("sd_bus_get_fd", get_fd) && find("sd_bus_get_events", get_events) && find("sd_bus_process", process) &&
           find("sd_bus_match_signal_async", match_signal) && find("sd_bus_call_method_async", call) &&
           find("sd_bus_message_read", read) && find("sd_bus_message_is_method_error", is_error);
  }
};

class Login1 final : public SleepSignal {
 public:
  explicit Login1(std::function<void()> lock) : lock_(std::move(lock)) {
    if (!library_.load())
      problem_ = "libsystemd cannot be loaded";
    else if (library_.open_system(&bus_) < 0)
      problem_ = "there is no system bus";
    else if (library_.match_signal(bus_, nullptr, kService, kObject, kInterface, "PrepareForSleep", on_signal, nullptr,
                                   this) < 0)
      problem_ = "the system bus takes no match";
    else
      hold_back();
  }
  Login1(const Login1&) = delete;
  Login1& operator=(const Login1&) = delete;
  ~Login1() override {
    if (bus_ != nullptr) library_.close(bus_);
  }

  int fd() const override { return problem_.empty() ? library_.get_fd(bus_) : -1; }
  short events() const override {
    return problem_.empty() ? static_cast<short>(library_.get_events(bus_)) : static_cast<short>(0);
  }
  std::string problem() const override { return problem_; }

  void process() override {
    int more = 1;
    while (problem_.empty() && more > 0) more = library_.process(bus_, nullptr);
    if (more < 0) problem_ = "the system bus has gone";
  }

 private:
  /// Asks for logind's "delay": it sleeps when this descriptor is closed, or after five seconds.
  void hold_back() {
    library_.call(bus_, nullptr, kService, kObject, kInterface, "Inhibit", on_inhibited, this, "ssss", "sleep",
                  "kabuto", "keys are locked before the machine sleeps", "delay");
  }

  static int on_inhibited(sd_bus_message* message, void* self_pointer, sd_bus_error*) {
    auto& self = *static_cast<Login1*>(self_pointer);
    int fd = -1;
    if (self.library_.is_error(message, nullptr) != 0 || self.library_.read(message, "h", &fd) < 0) {
      self.problem_ = "logind does not answer";
      return 0;
    }
    self.held_back_ = base::Descriptor(fcntl(fd, F_DUPFD_CLOEXEC, 3));
    return 0;
  }

  static int on_signal(sd_bus_message* message, void* self_pointer, sd_bus_error*) {
    auto& self = *static_cast<Login1*>(self_pointer);
    int is_begin = 0;
    if (self.library_.read(message, "b", &is_begin) < 0) return 0;
    if (is_begin != 0) {
      self.lock_();
      self.held_back_ = base::Descriptor();
    } else {
      self.hold_back();
    }
    return 0;
  }

  std::function<void()> lock_;
  Library library_;
  sd_bus* bus_ = nullptr;
  base::Descriptor held_back_;
  std::string problem_;
};

}  // namespace

std::unique_ptr<SleepSignal> login1_sleep_signal(std::function<void()> lock) {
  return std::make_unique<Login1>(std::move(lock));
}

}  // namespace agent
