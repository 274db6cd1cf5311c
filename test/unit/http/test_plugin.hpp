// Distributed under the Boost Software License, Version 1.0.
// The HTTP plugins that the tests of the session talk to.

#ifndef EPOLLHOST_TEST_HTTP_TEST_PLUGIN_HPP
#define EPOLLHOST_TEST_HTTP_TEST_PLUGIN_HPP

#include <epollhost/plugin.h>

#include <cstdint>

namespace http_test {

/// Answers by path: "/echo" its content, "/throw" by throwing, "/large" a megabyte, "/huge" ten, "/204", "/304",
/// "/fields", and all others "method target".
extern const eh_plugin& test_plugin;

/// Answers with a prepared page, as http.so does.
extern const eh_plugin& prepared_plugin;

/// Answers later and in pieces, and takes content as it comes; see late_plugin.cpp.
extern const eh_plugin& late_plugin;

/// Does to its reply what the target says; see misuse_plugin.cpp.
extern const eh_plugin& clumsy_plugin;

/// Return the last token that its reply gave out.
std::uint64_t clumsy_token();

/// Promises an answer and can't keep it.
extern const eh_plugin& forgetful_plugin;

/// Answers with parts of a file; see file_plugin.cpp.
extern const eh_plugin& file_plugin;

/// Return the last token that a reply gave to that plugin.
std::uint64_t file_token();

/// Return how often that plugin was told that an exchange had ended without its answer.
unsigned late_drops();

/// Return the last token that a reply gave to that plugin.
std::uint64_t late_token();

} // namespace http_test

#endif
