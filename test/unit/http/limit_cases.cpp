// Distributed under the Boost Software License, Version 1.0.
// Each bound of a head, at the limit and at the limit and one more.

#include "head_case.hpp"

namespace http_test {

std::vector<head_case> limit_cases() {
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n"; // 25 bytes
  const auto head_30 = +[](limits& l) { l.head_bytes_max = 30; };
  const auto target_20 = +[](limits& l) { l.target_bytes_max = 20; };
  const auto fields_3 = +[](limits& l) { l.fields_max = 3; };
  const auto method_5 = +[](limits& l) { l.method_bytes_max = 5; };
  const auto fields_1000 = +[](limits& l) { l.fields_max = 1000; };
  const std::string end = " HTTP/1.1\r\nHost: a\r\n\r\n";
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 127; ++i) many += "a:\r\n";
  std::string default_many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 99; ++i) default_many += "a:b\r\n";
  return {
      good("takes_a_head_at_the_limit", get + "a:\n\r\n", {}, head_30),
      bad("refuses_a_head_above_the_limit", get + "a:b\n\r\n", error::head_large, head_30),
      bad("refuses_a_head_that_has_not_ended_at_the_limit", get + "a:bcd", error::head_large, head_30),
      bad("refuses_a_head_whose_name_passes_the_limit", get + "abcdefg", error::head_large, head_30),
      bad("refuses_a_head_whose_target_passes_the_limit", "GET /" + std::string(30, 'x'), error::head_large, head_30),
      bad("counts_empty_lines_among_the_head", "\r\n" + get + "a:\n\r\n", error::head_large, head_30),
      good("takes_a_head_at_the_limit_before_more", get + "a:\n\r\nGET / HTTP/1.1\r\n", {}, head_30),
      good("takes_a_target_at_the_limit", "GET /" + std::string(19, 'x') + end, {}, target_20),
      bad("refuses_a_target_above_the_limit", "GET /" + std::string(20, 'x') + end, error::target_long, target_20),
      bad("refuses_a_target_above_the_limit_that_has_not_ended", "GET /" + std::string(20, 'x'), error::target_long,
          target_20),
      bad("refuses_a_long_target_of_another_method", "OPTIONS /" + std::string(20, 'x') + end, error::target_long,
          target_20),
      bad("refuses_a_long_target_behind_empty_lines", "\r\n\r\nGET /" + std::string(20, 'x') + end, error::target_long,
          target_20),
      good("takes_a_target_at_the_limit_behind_empty_lines", "\r\n\r\nGET /" + std::string(19, 'x') + end, {},
           target_20),
      good("takes_fields_at_the_limit", get + "a: b\r\nc: d\r\n\r\n", {}, fields_3),
      bad("refuses_fields_above_the_limit", get + "a: b\r\nc: d\r\ne: f\r\n\r\n", error::fields_many, fields_3),
      good("takes_fields_at_the_default_limit", default_many + "\r\n"),
      bad("refuses_fields_above_the_default_limit", default_many + "a:b\r\n\r\n", error::fields_many),
      good("takes_fields_at_the_capacity", many + "\r\n", {}, fields_1000),
      bad("refuses_fields_above_the_capacity", many + "a:\r\n\r\n", error::fields_many, fields_1000),
      good("takes_a_method_at_the_limit", "BREWS /" + end, {}, method_5),
      bad("refuses_a_method_above_the_limit", "BREWED /" + end, error::method_long, method_5),
      bad("refuses_a_method_above_the_limit_that_has_not_ended", "BREWED", error::method_long, method_5),
      good("takes_a_method_at_the_default_limit", std::string(32, 'M') + " /" + end),
      bad("refuses_a_method_above_the_default_limit", std::string(33, 'M') + " /" + end, error::method_long),
      bad("refuses_a_head_above_the_default_limit", get + "a: " + std::string(16 * 1024, 'v') + "\r\n\r\n",
          error::head_large),
      bad("refuses_a_target_above_the_default_limit", "GET /" + std::string(8 * 1024, 'x') + end, error::target_long),
      good("takes_a_target_at_the_default_limit", "GET /" + std::string(8 * 1024 - 1, 'x') + end),
  };
}

} // namespace http_test
