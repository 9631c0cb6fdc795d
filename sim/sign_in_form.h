// The forms of a sign-in page, from user name and password to the MFA code. Which page they stand on, and what follows
// a complete sign-in, is the page's own matter.
#pragma once

#include "rest.h"
#include "sign_ins.h"

#include <string>
#include <string_view>

namespace sim {

/// Takes what the form sent. Errors are words for the page, and a name for the log.
struct FormProblem {
  std::string code;   // of the log; empty where there is none
  std::string words;  // of the page
};
FormProblem take_sign_in(RestCall& call, PageVisit& visit, const Parameters& form);

/// The form that comes next: name and password, or the MFA code. `action` is its path.
Reply sign_in_form(const World& world, const std::string& visit_id, const PageVisit& visit, std::string_view action,
                   const FormProblem& problem);

/// A form with the hidden visit, `fields` (HTML) and two buttons that send action=next and action=cancel.
std::string form_of(std::string_view action, std::string_view visit_id, std::string_view fields, std::string_view next,
                    std::string_view cancel);
/// Where a redirect after the form leads: CSP counts it as the form's target. A literal IPv6 host cannot be named
/// there.
std::string form_target_of(const std::string& redirect_uri);
/// Who asks, and for what, as HTML.
std::string request_of_client(const World& world, const PageVisit& visit);
std::string problem_of(const FormProblem& problem);

/// Opens a page: a fresh visit, known by the name that its forms carry.
std::string open_visit(World& world, PageVisit visit);
/// nullptr where it is unknown or has been open for too long.
PageVisit* find_visit(World& world, const Parameters& form);

}  // namespace sim
