// Distributed under the Boost Software License, Version 1.0.
// Bodies: Content-Length, chunks, extensions and trailers (RFC 9112 sections 6 and 7).

#include "body_case.hpp"

namespace http_test {

std::vector<body_case> body_cases() {
  const std::string chunked = "Transfer-Encoding: chunked";
  const std::string end = "0\r\n\r\n";
  const auto small = +[](limits& l) { l.body_bytes_max = 8; };
  const auto short_extension = +[](limits& l) { l.chunk_extension_bytes_max = 4; };
  const auto short_trailers = +[](limits& l) { l.trailer_bytes_max = 16; };
  const auto few_trailers = +[](limits& l) { l.trailer_fields_max = 2; };
  return {
      {"reads_nothing_without_framing", "A: b", "", error::none},
      {"reads_nothing_of_length_zero", "Content-Length: 0", "", error::none},
      {"reads_one_byte", "Content-Length: 1", "x", error::none, "x"},
      {"reads_a_length", "Content-Length: 12", "hello\r\nworld", error::none, "hello\r\nworld"},
      {"waits_for_the_rest_of_a_length", "Content-Length: 6", "hello", error::need_more},
      {"reads_a_length_at_the_limit", "Content-Length: 8", "12345678", error::none, "12345678", "", small},
      {"refuses_a_length_above_the_limit", "Content-Length: 9", "123456789", error::body_large, "", "", small},

      {"reads_no_chunk", chunked, end, error::none},
      {"reads_one_chunk", chunked, "5\r\nhello\r\n" + end, error::none, "hello"},
      {"reads_two_chunks", chunked, "5\r\nhello\r\n6\r\n world\r\n" + end, error::none, "hello world"},
      {"reads_chunks_of_one_byte", chunked, "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n" + end, error::none, "abc"},
      {"reads_a_small_hexadecimal_size", chunked, "a\r\n0123456789\r\n" + end, error::none, "0123456789"},
      {"reads_a_capital_hexadecimal_size", chunked, "A\r\n0123456789\r\n" + end, error::none, "0123456789"},
      {"reads_a_size_of_two_digits", chunked, "1F\r\n" + std::string(31, 'x') + "\r\n" + end, error::none,
       std::string(31, 'x')},
      {"reads_a_size_with_leading_zeros", chunked, "0005\r\nhello\r\n" + end, error::none, "hello"},
      {"reads_a_size_of_sixteen_digits", chunked, "0000000000000005\r\nhello\r\n" + end, error::none, "hello"},
      {"reads_an_end_of_many_zeros", chunked, "000\r\n\r\n", error::none},
      {"keeps_line_ends_in_data", chunked, "4\r\n\r\n\r\n\r\n" + end, error::none, "\r\n\r\n"},
      {"keeps_what_looks_like_an_end_in_data", chunked, "5\r\n0\r\n\r\n\r\n" + end, error::none, "0\r\n\r\n"},
      {"waits_for_a_size", chunked, "", error::need_more},
      {"waits_for_the_rest_of_a_size", chunked, "5", error::need_more},
      {"waits_for_the_line_end_of_a_size", chunked, "5\r", error::need_more},
      {"waits_for_chunk_data", chunked, "5\r\nhel", error::need_more},
      {"waits_for_the_line_end_of_data", chunked, "5\r\nhello\r", error::need_more},
      {"waits_for_the_last_chunk", chunked, "5\r\nhello\r\n", error::need_more},
      {"waits_for_the_end_of_trailers", chunked, "0\r\n", error::need_more},
      {"waits_for_the_last_line_feed", chunked, "0\r\n\r", error::need_more},

      {"refuses_a_size_of_seventeen_digits", chunked, "00000000000000005\r\nhello\r\n" + end, error::chunk_size},
      {"refuses_a_size_that_overflows", chunked, "10000000000000000\r\n", error::chunk_size},
      {"refuses_the_largest_size", chunked, "FFFFFFFFFFFFFFFF\r\n", error::body_large},
      {"refuses_an_empty_size", chunked, "\r\nhello\r\n", error::chunk_size},
      {"refuses_an_empty_size_with_extension", chunked, ";a\r\nhello\r\n", error::chunk_size},
      {"refuses_a_plus_before_a_size", chunked, "+5\r\nhello\r\n", error::chunk_size},
      {"refuses_a_minus_before_a_size", chunked, "-5\r\nhello\r\n", error::chunk_size},
      {"refuses_0x", chunked, "0x5\r\nhello\r\n", error::chunk_size},
      {"refuses_a_space_before_a_size", chunked, " 5\r\nhello\r\n", error::chunk_size},
      {"refuses_a_space_behind_a_size", chunked, "5 \r\nhello\r\n", error::chunk_size},
      {"refuses_a_tab_behind_a_size", chunked, "5\t\r\nhello\r\n", error::chunk_size},
      {"reads_white_space_before_an_extension", chunked, "5 ;a\r\nhello\r\n" + end, error::none, "hello"},
      {"reads_much_white_space_before_an_extension", chunked, "5\t \t;\ta \r\nhello\r\n0 ;a\r\n\r\n", error::none,
       "hello"},
      {"refuses_white_space_within_a_size", chunked, "1 0;a\r\n", error::chunk_size},
      {"refuses_white_space_without_an_extension", chunked, "5 ;\r\nhello\r\n", error::chunk_extension},
      {"reads_white_space_at_the_limit", chunked, "5    ;a\r\nhello\r\n" + end, error::none, "hello", "",
       short_extension},
      {"refuses_white_space_above_the_limit", chunked, "5     ;a\r\n", error::chunk_extension, "", "",
       short_extension},
      {"refuses_a_letter_beyond_f", chunked, "5g\r\nhello\r\n", error::chunk_size},
      {"refuses_an_underscore_in_a_size", chunked, "1_0\r\nhello\r\n", error::chunk_size},
      {"refuses_a_high_byte_in_a_size", chunked, "5\xb2\r\nhello\r\n", error::chunk_size},
      {"refuses_a_zero_byte_in_a_size", chunked, raw("5\0\r\nhello\r\n"), error::chunk_size},
      {"refuses_a_bare_line_feed_behind_a_size", chunked, "5\nhello\r\n", error::chunk_size},
      {"refuses_a_bare_carriage_return_behind_a_size", chunked, "5\rhello\r\n", error::chunk_extension},
      {"refuses_a_bare_line_feed_behind_data", chunked, "5\r\nhello\n", error::chunk_end},
      {"refuses_a_bare_carriage_return_behind_data", chunked, "5\r\nhello\rx", error::chunk_end},
      {"refuses_too_much_data", chunked, "5\r\nhello!\r\n", error::chunk_end},
      {"refuses_too_little_data", chunked, "5\r\nhell\r\n0\r\n\r\n", error::chunk_end},
      {"refuses_a_bare_line_feed_behind_the_last_chunk", chunked, "0\n\r\n", error::chunk_size},

      {"skips_an_extension", chunked, "5;a\r\nhello\r\n" + end, error::none, "hello"},
      {"skips_an_extension_with_value", chunked, "5;a=b\r\nhello\r\n" + end, error::none, "hello"},
      {"skips_a_quoted_extension", chunked, "5;a=\"b c\"\r\nhello\r\n" + end, error::none, "hello"},
      {"skips_several_extensions", chunked, "5;a=b;c=d\r\nhello\r\n0;e\r\n\r\n", error::none, "hello"},
      {"skips_an_extension_at_the_limit", chunked, "5;abcd\r\nhello\r\n" + end, error::none, "hello", "",
       short_extension},
      {"refuses_an_extension_above_the_limit", chunked, "5;abcde\r\nhello\r\n" + end, error::chunk_extension, "", "",
       short_extension},
      {"bounds_each_extension_anew", chunked, "5;abcd\r\nhello\r\n0;abcd\r\n\r\n", error::none, "hello", "",
       short_extension},
      {"refuses_an_empty_extension", chunked, "5;\r\nhello\r\n", error::chunk_extension},
      {"refuses_a_bare_line_feed_in_an_extension", chunked, "5;a\nhello\r\n", error::chunk_extension},
      {"refuses_a_bare_carriage_return_in_an_extension", chunked, "5;a\rb\r\nhello\r\n", error::chunk_extension},
      {"refuses_a_zero_byte_in_an_extension", chunked, raw("5;a\0\r\nhello\r\n"), error::chunk_extension},
      {"refuses_a_control_character_in_an_extension", chunked, "5;a\x01\r\nhello\r\n", error::chunk_extension},

      {"reads_chunks_at_the_limit", chunked, "4\r\n1234\r\n4\r\n5678\r\n" + end, error::none, "12345678", "", small},
      {"refuses_chunks_above_the_limit", chunked, "4\r\n1234\r\n5\r\n56789\r\n" + end, error::body_large, "", "",
       small},
      {"refuses_a_chunk_above_the_limit", chunked, "9\r\n123456789\r\n" + end, error::body_large, "", "", small},

      {"reads_a_trailer", chunked, "0\r\nA: b\r\n\r\n", error::none, "", "[A|b]"},
      {"reads_two_trailers_behind_data", chunked, "2\r\nhi\r\n0\r\nA: b\r\nC:d \r\n\r\n", error::none, "hi",
       "[A|b][C|d]"},
      {"keeps_a_length_trailer_apart", chunked, "0\r\nContent-Length: 9\r\n\r\n", error::none, "",
       "[Content-Length|9]"},
      {"keeps_a_host_trailer_apart", chunked, "0\r\nHost: b\r\nHost: c\r\n\r\n", error::none, "", "[Host|b][Host|c]"},
      {"reads_trailers_at_the_limit_of_bytes", chunked, "0\r\nA: 123456789\r\n\r\n", error::none, "", "[A|123456789]",
       +[](limits& l) { l.trailer_bytes_max = 16; }},
      {"refuses_trailers_above_the_limit_of_bytes", chunked, "0\r\nA: 1234567890\r\n\r\n", error::trailer_large, "", "",
       short_trailers},
      {"reads_trailers_at_the_limit_of_lines", chunked, "0\r\nA:b\r\nA:b\r\n\r\n", error::none, "", "[A|b][A|b]",
       few_trailers},
      {"refuses_trailers_above_the_limit_of_lines", chunked, "0\r\nA:b\r\nA:b\r\nA:b\r\n\r\n", error::trailer_large, "",
       "", few_trailers},
      {"refuses_a_bare_line_feed_in_trailers", chunked, "0\r\nA: b\n\r\n", error::trailer_syntax},
      {"refuses_a_bare_line_feed_at_the_end_of_trailers", chunked, "0\r\nA: b\r\n\n", error::trailer_syntax},
      {"refuses_a_bare_carriage_return_in_trailers", chunked, "0\r\nA: b\rc\r\n\r\n", error::trailer_syntax},
      {"refuses_a_folded_trailer", chunked, "0\r\nA: b\r\n c\r\n\r\n", error::trailer_syntax},
      {"refuses_a_trailer_without_name", chunked, "0\r\n: b\r\n\r\n", error::trailer_syntax},
      {"refuses_a_space_before_a_trailers_colon", chunked, "0\r\nA : b\r\n\r\n", error::trailer_syntax},
      {"refuses_a_zero_byte_in_a_trailer", chunked, raw("0\r\nA: \0\r\n\r\n"), error::trailer_syntax},
      {"refuses_a_trailer_without_colon", chunked, "0\r\nrest\r\n\r\n", error::trailer_syntax},
  };
}

} // namespace http_test
