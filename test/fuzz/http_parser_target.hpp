// Distributed under the Boost Software License, Version 1.0.
// What is fuzzed of the parser: the same answers in pieces and on every machine, and those of Boost.Beast.

#ifndef EPOLLHOST_TEST_FUZZ_HTTP_PARSER_TARGET_HPP
#define EPOLLHOST_TEST_FUZZ_HTTP_PARSER_TARGET_HPP

#include <string_view>

namespace fuzz {

/// Check one input; aborts the program, with a line that says why, if anything is wrong with the answer.
void check_http_parser(std::string_view input);

} // namespace fuzz

#endif
