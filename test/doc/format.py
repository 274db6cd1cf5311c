# Distributed under the Boost Software License, Version 1.0.
# Tests that every page converts without a warning, has its licence line, is listed, and has no dead link.
import re
import shutil
import subprocess
import sys
import unittest

from pages import DOC, PAGES


class Format(unittest.TestCase):
    def test_every_page_opens_with_the_licence_and_what_it_is(self):
        for page in PAGES:
            with self.subTest(str(page)):
                lines = page.read_text().splitlines()
                self.assertEqual(lines[0], "// Distributed under the Boost Software License, Version 1.0.")
                self.assertRegex(lines[1], r"^// .*\.$")

    def test_every_page_is_in_the_index(self):
        index = (DOC / "README.adoc").read_text()
        for page in PAGES:
            if page != DOC / "README.adoc":
                self.assertIn(f"xref:{page.relative_to(DOC)}[", index)

    def test_every_link_and_include_leads_to_a_file(self):
        for page in PAGES:
            for target in re.findall(r"(?:link:|xref:|image::?)([^\s\[:]+)\[", page.read_text()):
                with self.subTest(f"{page.name}: {target}"):
                    self.assertTrue((page.parent / target.split("#")[0]).exists())

    def test_pages_link_to_each_other_by_xref(self):
        for page in PAGES:
            self.assertEqual(re.findall(r"link:\S+\.adoc[#\[]", page.read_text()), [], page)

    def test_every_long_page_has_a_table_of_contents(self):
        for page in PAGES:
            lines = page.read_text().splitlines()
            if len(lines) > 100 and ":doctype: manpage" not in lines:
                header = lines[:lines.index("")]
                self.assertIn(":toc:", header, page)

    @unittest.skipUnless(shutil.which("asciidoctor"), "asciidoctor is not installed")
    def test_every_page_converts_without_a_warning(self):
        for page in PAGES:
            with self.subTest(str(page)):
                done = subprocess.run(["asciidoctor", "-v", "--failure-level", "WARN", "-o", "-", str(page)],
                                      capture_output=True, text=True, timeout=120)
                self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
