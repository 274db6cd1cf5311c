// Distributed under the Boost Software License, Version 1.0.
// Watches every test: none may hang, and none may leave a descriptor behind.
#ifndef EPOLLHOST_TEST_SUPPORT_WATCH_HPP
#define EPOLLHOST_TEST_SUPPORT_WATCH_HPP

#include <boost/test/tree/observer.hpp>
#include <boost/test/unit_test_suite.hpp>

#include <string>
#include <vector>

namespace epollhost::test {

/// Ends the program with the test's name when a test takes longer than this. Generous: the machine may be busy, and the
/// sanitizers are slow.
#ifdef EPOLLHOST_SANITIZED
inline constexpr unsigned deadline_s = 120;
#else
inline constexpr unsigned deadline_s = 20;
#endif

/// The numbers of this process's open descriptors, with what they are.
std::vector<std::string> open_descriptors();

/// The argument of the program that ends with this: the path of a plugin that the build made for the test.
std::string argument(const std::string& ends_with);

/// For the program as a whole. Takes the deadline and the leaked descriptors of each test.
class watch_fixture : public boost::unit_test::test_observer {
public:
  watch_fixture();
  ~watch_fixture() override;

private:
  void test_unit_start(const boost::unit_test::test_unit& unit) override;
  void test_unit_finish(const boost::unit_test::test_unit& unit, unsigned long) override;

  std::vector<std::string> before_;
};

} // namespace epollhost::test

// One test for each trigger; its body has the name `trigger`.
#define EPOLLHOST_TEST_EACH_TRIGGER(name)                                                                              \
  static void it_##name(epollhost::loop::trigger trigger);                                                             \
  BOOST_AUTO_TEST_CASE(name##_edge) { it_##name(epollhost::loop::trigger::edge); }                                     \
  BOOST_AUTO_TEST_CASE(name##_level) { it_##name(epollhost::loop::trigger::level); }                                   \
  static void it_##name([[maybe_unused]] epollhost::loop::trigger trigger)

#endif
