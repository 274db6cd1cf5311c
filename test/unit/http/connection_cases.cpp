// Distributed under the Boost Software License, Version 1.0.
// Connection and Expect (RFC 9112 section 9.3, RFC 9110 sections 7.6.1 and 10.1.1).

#include "head_case.hpp"

namespace http_test {
namespace {

head_case takes(const char* name, int minor, const std::string& field, const std::string& value, const char* outcome) {
  const std::string version = std::to_string(minor);
  return good(name, "GET / HTTP/1." + version + "\r\nHost: a\r\n" + field + ": " + value + "\r\n\r\n",
              "GET / 1." + version + " origin host=a path=/ " + outcome + " [Host|a] [" + field + "|" + value + "]");
}

} // namespace

std::vector<head_case> connection_cases() {
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";
  return {
      takes("keeps_by_default_in_http_1_1", 1, "A", "b", "keep"),
      takes("closes_by_default_in_http_1_0", 0, "A", "b", "close"),
      takes("closes_when_asked", 1, "Connection", "close", "close"),
      takes("closes_when_asked_in_any_case", 1, "cONNECTION", "ClOsE", "close"),
      takes("keeps_in_http_1_0_when_asked", 0, "Connection", "keep-alive", "keep"),
      takes("keeps_in_http_1_0_when_asked_in_any_case", 0, "connection", "Keep-Alive", "keep"),
      takes("keeps_when_asked", 1, "Connection", "keep-alive", "keep"),
      takes("lets_close_beat_keep_alive", 1, "Connection", "keep-alive, close", "close"),
      takes("lets_close_beat_keep_alive_in_http_1_0", 0, "Connection", "close, keep-alive", "close"),
      takes("finds_close_in_a_list", 1, "Connection", "a,close ,b", "close"),
      takes("finds_close_at_the_end_of_a_list", 1, "Connection", "Upgrade,\tclose", "close"),
      takes("finds_close_among_empty_elements", 1, "Connection", ",, close,", "close"),
      takes("takes_no_longer_word_for_close", 1, "Connection", "closed", "keep"),
      takes("takes_no_parameter_for_close", 1, "Connection", "close;a", "keep"),
      takes("takes_no_shorter_word_for_keep_alive", 0, "Connection", "keep-aliv", "close"),
      takes("takes_no_other_field_for_connection", 1, "Connections", "close", "keep"),
      takes("takes_no_proxy_connection_for_connection", 0, "Proxy-Connection", "keep-alive", "close"),
      takes("reads_an_empty_connection", 1, "Connection", "", "keep"),
      takes("closes_in_http_1_2_when_asked", 2, "Connection", "close", "close"),
      good("finds_close_in_a_second_field", get + "Connection: keep-alive\r\nConnection: close\r\n\r\n",
           "GET / 1.1 origin host=a path=/ close [Host|a] [Connection|keep-alive] [Connection|close]"),

      takes("reads_100_continue", 1, "Expect", "100-continue", "keep continue"),
      takes("reads_100_continue_in_any_case", 1, "eXPECT", "100-Continue", "keep continue"),
      takes("ignores_100_continue_in_http_1_0", 0, "Expect", "100-continue", "close"),
      takes("reads_another_expectation", 1, "Expect", "200-ok", "keep expects"),
      takes("reads_another_expectation_beside_100_continue", 1, "Expect", "100-continue, a", "keep continue expects"),
      takes("reads_an_empty_expectation_as_another", 1, "Expect", "", "keep expects"),
      takes("reads_a_parameter_as_another_expectation", 1, "Expect", "100-continue;a", "keep expects"),
  };
}

} // namespace http_test
