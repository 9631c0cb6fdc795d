// What a person sees of an Identity Center sign-in: which session and portal, the link, the device code with its QR
// code and the warning that goes with it. Links are checked before anything is shown or started.
#pragma once

#include "base/environment.h"
#include "cli/cancel_line.h"
#include "cli/screen.h"
#include "credentials/sign_in.h"

#include <string>
#include <vector>

namespace cli {

class TerminalSignInGuide final : public credentials::SignInGuide {
 public:
  /// Both must outlive the guide. `browser`: a program's name or path; empty: the person's own. `more_hosts`: where
  /// links may lead besides AWS and the session's own start URL, for endpoints that a person has configured.
  TerminalSignInGuide(const base::Environment& environment, Screen& screen, std::string browser = {},
                      std::vector<std::string> more_hosts = {})
      : environment_(environment), screen_(screen), browser_(std::move(browser)), more_hosts_(std::move(more_hosts)) {}

  bool has_browser() override;
  bool has_person() override;
  base::Result<void> open(const std::string& url, const credentials::SsoSession& session) override;
  base::Result<void> show_device_code(const aws::DeviceAuthorization& device,
                                      const credentials::SsoSession& session) override;
  /// Ctrl-C says that the sign-in was cancelled, in one line.
  void waiting_begins() override;
  void waiting_ends() override;

 private:
  std::vector<std::string> hosts_of(const credentials::SsoSession& session) const;
  void show_qr_code(const std::string& link);

  const base::Environment& environment_;
  Screen& screen_;
  std::string browser_;
  std::vector<std::string> more_hosts_;
  CancelLine cancel_;
};

}  // namespace cli
