// The declare functions of all commands, one per file; the table in table.cc names each once.
#pragma once

#include "cli/command.h"

namespace cli {

Action declare_agent_start(Arguments& arguments);
Action declare_agent_status(Arguments& arguments);
Action declare_agent_stop(Arguments& arguments);
Action declare_accounts(Arguments& arguments);
Action declare_completion(Arguments& arguments);
Action declare_clear(Arguments& arguments);
Action declare_config_sync(Arguments& arguments);
Action declare_console(Arguments& arguments);
Action declare_dotenv(Arguments& arguments);
Action declare_doctor(Arguments& arguments);
Action declare_exec(Arguments& arguments);
Action declare_explain(Arguments& arguments);
Action declare_export(Arguments& arguments);
Action declare_help(Arguments& arguments);
Action declare_import(Arguments& arguments);
Action declare_import_undo(Arguments& arguments);
Action declare_hook(Arguments& arguments);
Action declare_off(Arguments& arguments);
Action declare_process(Arguments& arguments);
Action declare_proxy(Arguments& arguments);
Action declare_prompt(Arguments& arguments);
Action declare_status(Arguments& arguments);
Action declare_add(Arguments& arguments);
Action declare_lock(Arguments& arguments);
Action declare_list(Arguments& arguments);
Action declare_login(Arguments& arguments);
Action declare_logout(Arguments& arguments);
Action declare_names_install(Arguments& arguments);
Action declare_names_list(Arguments& arguments);
Action declare_names_remove(Arguments& arguments);
Action declare_remove(Arguments& arguments);
Action declare_renew_for_endpoint(Arguments& arguments);
Action declare_renew_for_hook(Arguments& arguments);
Action declare_rotate(Arguments& arguments);
Action declare_serve(Arguments& arguments);
Action declare_serve_endpoint(Arguments& arguments);
Action declare_store_init(Arguments& arguments);
Action declare_store_status(Arguments& arguments);
Action declare_store_slots(Arguments& arguments);
Action declare_store_slots_add(Arguments& arguments);
Action declare_store_slots_use(Arguments& arguments);
Action declare_store_slots_remove(Arguments& arguments);
Action declare_store_check(Arguments& arguments);
Action declare_store_backup(Arguments& arguments);
Action declare_store_restore(Arguments& arguments);
Action declare_store_passphrase(Arguments& arguments);
Action declare_use(Arguments& arguments);
Action declare_version(Arguments& arguments);
Action declare_profile_set(Arguments& arguments);
Action declare_profile_unset(Arguments& arguments);
Action declare_profile_rename(Arguments& arguments);
Action declare_watch_end(Arguments& arguments);
Action declare_whoami(Arguments& arguments);
Action declare_write(Arguments& arguments);

}  // namespace cli
