// What every process of ours does before it looks at its words.
#pragma once

namespace cli {

/// No core file and no reading of our memory by others; descriptors 0, 1 and 2 taken where they were closed, so that no
/// file or secret is ever opened as one of them; a reader that went away is an error of write, not a signal.
void prepare_process();

}  // namespace cli
