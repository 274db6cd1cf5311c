// Distributed under the Boost Software License, Version 1.0.
// Leaves a test out of a build with a sanitizer, and says so: `b2 sanitize` shows the lines.
#ifndef EPOLLHOST_TEST_SUPPORT_LEFT_OUT_HPP
#define EPOLLHOST_TEST_SUPPORT_LEFT_OUT_HPP

#include <boost/test/framework.hpp>
#include <boost/test/tree/decorator.hpp>
#include <boost/test/tree/test_unit.hpp>

#include <iostream>
#include <string>

namespace epollhost::test {

// Clang says it in another way than g++.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool thread_sanitizer = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
inline constexpr bool thread_sanitizer = true;
#else
inline constexpr bool thread_sanitizer = false;
#endif
#else
inline constexpr bool thread_sanitizer = false;
#endif

/// A decorator of a test case: it runs unless `where` is true.
inline boost::unit_test::precondition left_out(bool where, std::string why) {
  return boost::unit_test::precondition([where, why](boost::unit_test::test_unit_id id) {
    boost::test_tools::assertion_result runs(!where);
    if (!where) return runs;
    runs.message() << why;
    std::cout << "left out: " << boost::unit_test::framework::get(id, boost::unit_test::TUT_ANY).full_name() << ": "
              << why << std::endl;
    return runs;
  });
}

} // namespace epollhost::test

#endif
