// Distributed under the Boost Software License, Version 1.0.
// What is fuzzed of the session: whole conversations, however they are cut.

#ifndef EPOLLHOST_TEST_FUZZ_HTTP_SESSION_TARGET_HPP
#define EPOLLHOST_TEST_FUZZ_HTTP_SESSION_TARGET_HPP

#include <string_view>

namespace fuzz {

/// Check one input; aborts the program, with a line that says why, if anything is wrong with the answers.
void check_http_session(std::string_view input);

} // namespace fuzz

#endif
