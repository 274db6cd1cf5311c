# Distributed under the Boost Software License, Version 1.0.
# Puts the files that pages show into them (with --write), and tests that each listing is what its file holds. A code host
# resolves no include::, so the text stands in the page, below a line `// Listing of FILE`.
import re
import sys

from pages import DOC, PAGES, listings

# At least these are shown: a page that loses its mark is not compared any more.
SHOWN = {"coroutines.adoc": ["examples/front.cpp", "examples/greeter.cpp", "examples/primes.cpp", "examples/ticker.cpp"],
         "echo.adoc": ["../plugins/echo/echo.c"], "lines.adoc": ["../plugins/lines/lines.cpp"],
         "plugin.adoc": ["examples/echo.c", "examples/echo.cpp"], "testing.adoc": ["examples/echo_test.cpp"]}


def filled(page):
    """The page with the listings that its files hold now."""
    return re.sub(r"(?m)^(// Listing of (\S+)\n(?:.*\n)??\[source,\w+\]\n----\n)(?:(?!----\n).*\n)*?(----\n)",
                  lambda m: m[1] + (page.parent / m[2]).read_text() + m[3], page.read_text())


faults = []
for page in PAGES:
    text = page.read_text()
    if "--write" in sys.argv:
        page.write_text(filled(page))
    elif filled(page) != text:
        faults.append(f"{page}: a listing is not what its file holds; run: python3 test/doc/listings.py --write")
    if re.search(r"^include::", text, re.M):
        faults.append(f"{page}: has an include::, which a code host does not resolve; see test/doc/listings.py")
for name, files in SHOWN.items():
    if sorted(listings(DOC / name)) != files:
        faults.append(f"doc/{name} shows {sorted(listings(DOC / name))}, expected {files}")
if faults:
    sys.exit("\n".join(faults))
