// Distributed under the Boost Software License, Version 1.0.
// Content-Length and Transfer-Encoding: where the message ends, and all that hides it (RFC 9112 sections 6 and 11.2).

#include "head_case.hpp"

namespace http_test {
namespace {

std::string with(const std::string& lines) { return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n\r\n"; }

head_case length(const char* name, const std::string& lines, const std::string& value) {
  head_case row = good(name, with(lines));
  std::string shown = "[" + lines + "]";
  for (std::size_t at = 0; (at = shown.find("\r\n", at)) != shown.npos;) shown.replace(at, 2, "] [");
  for (std::size_t at = 0; (at = shown.find(": ", at)) != shown.npos;) shown.replace(at, 2, "|");
  row.seen = "POST / 1.1 origin host=a path=/ keep length=" + value + " [Host|a] " + shown;
  return row;
}

head_case chunked(const char* name, const std::string& value) {
  return good(name, with("Transfer-Encoding: " + value),
              "POST / 1.1 origin host=a path=/ keep chunked [Host|a] [Transfer-Encoding|" + value + "]");
}

head_case refuses_length(const char* name, const std::string& value) {
  return bad(name, with("Content-Length: " + value), error::length_syntax);
}

head_case refuses_coding(const char* name, const std::string& value, error why = error::coding_syntax) {
  return bad(name, with("Transfer-Encoding: " + value), why);
}

} // namespace

std::vector<head_case> framing_cases() {
  const std::string two = "Content-Length: 5\r\nContent-Length: ";
  return {
      length("reads_a_length", "Content-Length: 5", "5"),
      length("reads_a_length_of_zero", "Content-Length: 0", "0"),
      length("reads_a_length_in_any_case", "cONTENT-lENGTH: 5", "5"),
      length("reads_a_length_with_leading_zeros", "Content-Length: 0005", "5"),
      length("reads_the_largest_length", "Content-Length: 18446744073709551615", "18446744073709551615"),
      length("takes_two_equal_lengths_as_one", two + "5", "5"),
      length("takes_a_list_of_equal_lengths_as_one", "Content-Length: 5, 5", "5"),
      length("takes_a_list_of_equal_lengths_without_space_as_one", "Content-Length: 5,5,5", "5"),
      good("reads_a_length_on_get", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
           "GET / 1.1 origin host=a path=/ keep length=5 [Host|a] [Content-Length|5]"),
      good("reads_a_length_in_http_1_0", "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n",
           "POST / 1.0 origin host= path=/ close length=5 [Content-Length|5]"),
      bad("refuses_two_lengths", with(two + "6"), error::length_conflict),
      bad("refuses_two_lengths_apart", with("Content-Length: 5\r\nA: b\r\nContent-Length: 6"), error::length_conflict),
      bad("refuses_a_list_of_two_lengths", with("Content-Length: 5, 6"), error::length_conflict),
      bad("refuses_a_good_and_an_empty_length", with(two), error::length_syntax),
      refuses_length("refuses_an_empty_length", ""),
      refuses_length("refuses_a_plus", "+5"),
      refuses_length("refuses_a_minus", "-5"),
      refuses_length("refuses_a_minus_zero", "-0"),
      refuses_length("refuses_a_hexadecimal_length", "0x5"),
      refuses_length("refuses_hexadecimal_digits", "a"),
      refuses_length("refuses_a_fraction", "5.0"),
      refuses_length("refuses_an_exponent", "1e3"),
      refuses_length("refuses_a_blank_between_digits", "5 5"),
      refuses_length("refuses_a_tab_between_digits", "5\t5"),
      refuses_length("refuses_a_quoted_length", "\"5\""),
      refuses_length("refuses_an_underscore", "1_000"),
      refuses_length("refuses_a_semicolon", "5;"),
      refuses_length("refuses_an_empty_element_at_the_end", "5,"),
      refuses_length("refuses_an_empty_element_at_the_begin", ",5"),
      refuses_length("refuses_an_empty_element_between", "5,,5"),
      refuses_length("refuses_a_high_byte", "5\xb2"),
      refuses_length("refuses_a_length_that_overflows_by_one", "18446744073709551616"),
      refuses_length("refuses_a_length_that_overflows_by_a_digit", "100000000000000000000"),
      refuses_length("refuses_a_length_that_overflows_to_a_small_one", "18446744073709551621"),
      bad("refuses_a_bad_length_on_get", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
          error::length_syntax),

      chunked("reads_chunked", "chunked"),
      chunked("reads_chunked_in_any_case", "cHuNkEd"),
      good("reads_chunked_with_white_space_around", with("Transfer-Encoding:\t chunked \t")),
      good("reads_chunked_under_a_name_in_any_case", with("tRANSFER-eNCODING: chunked")),
      good("reads_chunked_on_get", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
      good("reads_chunked_in_http_1_2", "POST / HTTP/1.2\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
      bad("refuses_chunked_beside_a_length", with("Transfer-Encoding: chunked\r\nContent-Length: 5"),
          error::length_and_coding),
      bad("refuses_a_length_beside_chunked", with("Content-Length: 5\r\nTransfer-Encoding: chunked"),
          error::length_and_coding),
      bad("refuses_a_length_of_zero_beside_chunked", with("Content-Length: 0\r\nTransfer-Encoding: chunked"),
          error::length_and_coding),
      bad("refuses_a_bad_length_beside_chunked", with("Content-Length: x\r\nTransfer-Encoding: chunked"),
          error::length_and_coding),
      bad("refuses_a_bad_coding_beside_a_length", with("Content-Length: 5\r\nTransfer-Encoding: x"),
          error::length_and_coding),
      bad("refuses_chunked_in_http_1_0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
          error::coding_version),
      bad("refuses_any_coding_in_http_1_0", "POST / HTTP/1.0\r\nTransfer-Encoding: x\r\n\r\n", error::coding_version),
      bad("refuses_chunked_beside_a_length_in_http_1_0",
          "POST / HTTP/1.0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", error::coding_version),
      refuses_coding("refuses_an_empty_coding", ""),
      refuses_coding("refuses_identity", "identity"),
      refuses_coding("refuses_identity_before_chunked", "identity, chunked"),
      refuses_coding("refuses_an_unknown_coding", "x"),
      refuses_coding("refuses_an_unknown_coding_before_chunked", "x, chunked"),
      refuses_coding("refuses_gzip_alone", "gzip"),
      refuses_coding("refuses_gzip_behind_chunked", "chunked, gzip"),
      refuses_coding("refuses_chunked_twice", "chunked, chunked"),
      refuses_coding("refuses_gzip_before_chunked", "gzip, chunked", error::coding_unsupported),
      refuses_coding("refuses_deflate_before_chunked", "deflate,chunked", error::coding_unsupported),
      refuses_coding("refuses_two_codings_before_chunked", "gzip, compress, chunked", error::coding_unsupported),
      refuses_coding("refuses_a_longer_word", "xchunked"),
      refuses_coding("refuses_a_longer_end", "chunkedx"),
      refuses_coding("refuses_a_shorter_word", "chunke"),
      refuses_coding("refuses_a_parameter", "chunked;q=1"),
      refuses_coding("refuses_a_semicolon_behind_chunked", "chunked;"),
      refuses_coding("refuses_a_quoted_chunked", "\"chunked\""),
      refuses_coding("refuses_a_single_quoted_chunked", "'chunked'"),
      refuses_coding("refuses_a_comma_behind_chunked", "chunked,"),
      refuses_coding("refuses_a_comma_before_chunked", ",chunked"),
      refuses_coding("refuses_a_high_byte_before_chunked", "\xa0"
                                                           "chunked"),
      refuses_coding("refuses_a_blank_in_chunked", "chun ked"),
      refuses_coding("refuses_two_words", "chunked chunked"),
      bad("refuses_a_vertical_tab_before_chunked",
          with("Transfer-Encoding: \x0b"
               "chunked"),
          error::field_value),
      bad("refuses_a_folded_coding", with("Transfer-Encoding:\r\n chunked"), error::field_fold),
      bad("refuses_a_space_behind_the_name", with("Transfer-Encoding : chunked"), error::field_name),
      bad("refuses_chunked_in_two_fields", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
          error::coding_syntax),
      bad("refuses_identity_in_a_second_field", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
          error::coding_syntax),
      bad("refuses_gzip_in_a_first_field", with("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"),
          error::coding_unsupported),
      bad("refuses_an_empty_second_field", with("Transfer-Encoding: chunked\r\nTransfer-Encoding:"),
          error::coding_syntax),
      bad("names_the_framing_before_the_host", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", error::length_syntax),
  };
}

} // namespace http_test
