# Distributed under the Boost Software License, Version 1.0.
# Tests that each line in the list of what is not reached still stands in its file, and how the list is compared.
import collections
import unittest
from pathlib import Path

import named
from coverage import FOLDERS, LIST, ROOT
from lines import NOT, PART, WHOLE

SOURCE = {"src/net/a.cpp": {1: (WHOLE, "reached();"), 2: (NOT, "missed();"), 3: (PART, "if (a) twice();"),
                            7: (NOT, "if (a) twice();")}}
TRUE = "src/net/a.cpp: no reason\n  - missed();\n  - if (a) twice();\n  - if (a) twice();\n"


class List(unittest.TestCase):
    def wrong(self, text):
        return "\n".join(named.check(named.Named(text, FOLDERS), SOURCE))

    def test_names_lines_that_are_there(self):
        entries = named.Named(LIST.read_text(encoding="utf-8"), FOLDERS)
        self.assertEqual(entries.wrong, [])
        for (file, text), times in (entries.never + entries.sometimes).items():
            lines = collections.Counter(line.strip() for line in Path(ROOT, file).read_text(encoding="utf-8").splitlines())
            self.assertLessEqual(times, lines[text], f"{file}: {text}")

    def test_takes_a_list_that_is_true(self):
        self.assertEqual(self.wrong(TRUE), "")
        self.assertEqual(self.wrong(TRUE.replace("- missed", "? missed")), "")
        self.assertEqual(self.wrong(TRUE + "  ? reached();\n"), "")

    def test_refuses_what_is_missing_stale_gone_or_no_entry(self):
        self.assertIn("not reached and not named: src/net/a.cpp:2: missed();", self.wrong(TRUE.replace("  - missed();\n", "")))
        self.assertIn("src/net/a.cpp:3, src/net/a.cpp:7", self.wrong(TRUE.replace("  - if (a) twice();\n", "", 1)))
        self.assertIn("reached, or no longer there: src/net/a.cpp: reached();", self.wrong(TRUE + "  - reached();\n"))
        self.assertIn("named 2 times, but not reached 1 times", self.wrong(TRUE + "  - missed();\n"))
        self.assertIn("no longer there: src/net/a.cpp: gone();", self.wrong(TRUE + "  ? gone();\n"))
        self.assertIn("expected 'FILE: REASON'", self.wrong(TRUE + "missed();\n"))
        self.assertIn("is in none of src/net", self.wrong(TRUE + "src/cli/b.cpp: another folder\n"))


if __name__ == "__main__":
    unittest.main()
