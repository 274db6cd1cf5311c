// Distributed under the Boost Software License, Version 1.0.
// Host: there, once, and well-formed (RFC 9112 section 3.2, RFC 9110 section 7.2, RFC 3986 section 3.2).

#include "head_case.hpp"

namespace http_test {
namespace {

head_case takes(const char* name, const std::string& host) {
  return good(name, "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
              "GET / 1.1 origin host=" + host + " path=/ keep [Host|" + host + "]");
}

head_case refuses(const char* name, const std::string& host) {
  return bad(name, "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n", error::host_syntax);
}

} // namespace

std::vector<head_case> host_cases() {
  const std::string get = "GET / HTTP/1.1\r\n", get_1_0 = "GET / HTTP/1.0\r\n";
  return {
      bad("needs_a_host", get + "\r\n", error::host_missing),
      bad("needs_a_host_among_other_fields", get + "A: b\r\nHosts: a\r\n\r\n", error::host_missing),
      bad("takes_no_longer_name_for_host", get + "XHost: a\r\n\r\n", error::host_missing),
      good("needs_no_host_in_http_1_0", get_1_0 + "\r\n"),
      bad("refuses_two_hosts", get + "Host: a\r\nHost: b\r\n\r\n", error::host_repeated),
      bad("refuses_two_equal_hosts", get + "Host: a\r\nHost: a\r\n\r\n", error::host_repeated),
      bad("refuses_two_hosts_in_different_case", get + "Host: a\r\nA: b\r\nhOST: a\r\n\r\n", error::host_repeated),
      bad("refuses_three_hosts", get + "Host: a\r\nHost: a\r\nHost: a\r\n\r\n", error::host_repeated),
      bad("refuses_two_hosts_in_http_1_0", get_1_0 + "Host: a\r\nHost: a\r\n\r\n", error::host_repeated),
      bad("refuses_two_hosts_of_which_one_is_empty", get + "Host:\r\nHost: a\r\n\r\n", error::host_repeated),
      bad("refuses_a_malformed_host_in_http_1_0", get_1_0 + "Host: a/b\r\n\r\n", error::host_syntax),
      bad("refuses_a_malformed_host_beside_an_absolute_form", "GET http://b/ HTTP/1.1\r\nHost: a b\r\n\r\n",
          error::host_syntax),
      bad("refuses_an_empty_host", get + "Host:\r\n\r\n", error::host_syntax),
      bad("refuses_a_blank_host", get + "Host: \t \r\n\r\n", error::host_syntax),
      good("takes_a_host_in_any_case", get + "hOsT: a\r\n\r\n"),
      good("takes_a_host_without_space", get + "Host:a\r\n\r\n", "GET / 1.1 origin host=a path=/ keep [Host|a]"),
      good("takes_a_host_between_tabs", get + "Host:\ta\t\r\n\r\n", "GET / 1.1 origin host=a path=/ keep [Host|a]"),

      takes("takes_a_name", "www.example.com"),
      takes("takes_a_name_with_port", "www.example.com:8080"),
      takes("takes_a_name_with_the_last_port", "a:65535"),
      takes("takes_a_name_with_an_empty_port", "a:"),
      takes("takes_a_name_with_a_port_of_zeros", "a:00080"),
      takes("takes_a_final_dot", "example.com."),
      takes("takes_an_underscore", "my_host"),
      takes("takes_an_ipv4_address", "127.0.0.1:80"),
      takes("takes_a_percent_code", "a%20b"),
      takes("takes_sub_delims", "a!$&'()*+;=b"),
      takes("takes_a_name_longer_than_a_vector", std::string(70, 'a') + ".example:80"),
      takes("takes_ipv6_loopback", "[::1]"),
      takes("takes_ipv6_with_port", "[::1]:8080"),
      takes("takes_ipv6_any", "[::]"),
      takes("takes_ipv6_in_full", "[1:2:3:4:5:6:7:8]"),
      takes("takes_ipv6_with_a_gap_at_the_end", "[1:2:3::]"),
      takes("takes_ipv6_with_a_gap_of_one", "[1:2:3:4:5:6:7::]"),
      takes("takes_ipv6_with_ipv4_inside", "[::ffff:192.0.2.1]"),
      takes("takes_ipv6_with_capital_digits", "[FE80::ABCD]"),
      takes("takes_a_future_address", "[v1.a:b]"),

      refuses("refuses_userinfo", "user@a"),
      refuses("refuses_userinfo_with_password", "user:pass@a"),
      refuses("refuses_a_port_of_letters", "a:b"),
      refuses("refuses_a_port_with_a_sign", "a:+80"),
      refuses("refuses_a_port_behind_a_space", "a: 80"),
      refuses("refuses_a_port_above_the_last", "a:65536"),
      refuses("refuses_a_very_large_port", "a:4294967376"),
      refuses("refuses_two_ports", "a:80:80"),
      refuses("refuses_a_port_alone", ":80"),
      refuses("refuses_a_blank_inside", "a b"),
      refuses("refuses_a_tab_inside", "a\tb"),
      refuses("refuses_a_slash", "a/b"),
      refuses("refuses_a_slash_behind_a_port", "a:80/"),
      refuses("refuses_a_backslash", "a\\b"),
      refuses("refuses_an_angle_bracket", "a<b"),
      refuses("refuses_a_comma", "a,b"),
      refuses("refuses_a_comma_and_a_space", "a, a"),
      refuses("refuses_a_question_mark", "a?b"),
      refuses("refuses_a_number_sign", "a#b"),
      refuses("refuses_a_quote", "\"a\""),
      refuses("refuses_a_high_byte", "\xc3\xa4.example"),
      refuses("refuses_a_broken_percent_code", "a%2"),
      refuses("refuses_a_bad_percent_code", "a%2g"),
      refuses("refuses_an_open_bracket", "[::1"),
      refuses("refuses_empty_brackets", "[]"),
      refuses("refuses_ipv6_without_brackets", "::1"),
      refuses("refuses_a_name_in_brackets", "[localhost]"),
      refuses("refuses_ipv6_with_two_gaps", "[1::2::3]"),
      refuses("refuses_ipv6_with_nine_groups", "[1:2:3:4:5:6:7:8:9]"),
      refuses("refuses_ipv6_with_seven_groups", "[1:2:3:4:5:6:7]"),
      refuses("refuses_ipv6_with_a_final_colon", "[1:2:3:4:5:6:7:]"),
      refuses("refuses_ipv6_with_five_digits", "[::12345]"),
      refuses("refuses_ipv6_with_a_letter_beyond_f", "[::g]"),
      refuses("refuses_ipv6_with_three_colons", "[:::]"),
      refuses("refuses_ipv6_with_a_zone", "[fe80::1%25eth0]"),
      refuses("refuses_ipv6_with_broken_ipv4", "[::1.2.3]"),
      refuses("refuses_ipv6_with_large_ipv4", "[::256.1.1.1]"),
      refuses("refuses_ipv6_with_ipv4_in_the_middle", "[::1.2.3.4:5]"),
      refuses("refuses_bytes_behind_the_bracket", "[::1]a"),
      refuses("refuses_a_bad_port_behind_the_bracket", "[::1]:x"),
      refuses("refuses_a_future_address_without_dot", "[v1]"),
      refuses("refuses_a_future_address_without_version", "[v.a]"),
  };
}

} // namespace http_test
