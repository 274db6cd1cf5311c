# Distributed under the Boost Software License, Version 1.0.
# Makes doc/reference.adoc of the comments of plugin.h (with --write), and tests that the page is what they say.
import re
import sys

from pages import DOC, TREE

HEADERS = [TREE / "include/epollhost/plugin.h", TREE / "include/epollhost/failure.h"]
PAGE = DOC / "reference.adoc"
HEAD = """// Distributed under the Boost Software License, Version 1.0.
// The C boundary, function by function: made of plugin.h by test/doc/reference.py --write.
= Reference of the plugin boundary
:toc:

This is `include/epollhost/plugin.h`, whose comments are the contract, in the order of that file, then `failure.h` beside it. xref:plugin.adoc[Writing a
plugin] is the guide, xref:abi.adoc[] says what never changes.

== The symbol
"""
COMMENT = r"/\*\*(?!<)((?:(?!\*/).)*)\*/"
DECLARATIONS = re.compile(
    rf"(?P<title>/\* -+ (?P<section>[^*]+?) -+ \*/)"
    rf"|(?:{COMMENT}\s*)?(?P<open>(?:typedef )?(?P<kind>struct|enum) ?(?P<name>\w*) \{{\n)(?P<body>.*?)\n\}} ?(?P<alias>\w*);"
    rf"|(?:{COMMENT}\s*)?(?P<line>enum \{{[^\n]*\}};|typedef [^;{{]*;|#define EH_\w+(?:\([^)]*\))? +[^\n\\]+)"
    rf"|{COMMENT}\s*(?P<macro>#define EH_\w+)", re.S)


def text_of(comment):
    """The comment's words, without its stars."""
    lines = [re.sub(r"^\s*\* ?", "", line).strip() for line in comment.strip().splitlines()]
    return "\n".join(lines).strip()


def cell(text):
    return " ".join(text_of(text).split()).replace("|", "\\|")


def code(declaration):
    return "[source,c]\n----\n" + declaration + "\n----\n"


def flat(text):
    return " ".join(text.split())


def functions(body):
    """The documented function pointers of a table: name, declaration, words."""
    found = re.findall(rf"{COMMENT}\s*([\w ]+?\*?)\(\*(\w+)\)\((.*?)\);", body, re.S)
    return [(name, f"{flat(answer)} {name}({flat(parameters)});".replace("* ", "*"), text_of(words))
            for words, answer, name, parameters in found]


def members(body, kind):
    """Rows of a table: each field or number, and what its comment says."""
    end = r"[,\n]" if kind == "enum" else ";"
    found = re.findall(rf"^  (\w[^;/\n]*?|[^;/\n]*?\)){'(?:,|)' if kind == 'enum' else end} *(?:/\*\*<(.*?)\*/)?$", body, re.M | re.S)
    return [f"|`{flat(left)}` |{cell(right)}" for left, right in found]


def table(rows):
    return '[cols="1,2"]\n|===\n' + "\n".join(rows) + "\n|===\n" if rows else ""


def headed(line, words):
    """A declaration of one line below its name."""
    name = re.search(r"\(\*(\w+)\)|#define (\w+)|(\w+);$", line)
    return f"=== {next(filter(None, name.groups()))}\n\n{code(line)}\n{words}"


def entry(found):
    """What the page says of one declaration."""
    comments = [c for c in (found.group(3), found.group(9), found.group(11)) if c]
    words = text_of(comments[0]) + "\n\n" if comments else ""
    if found["open"]:
        name = found["alias"] or found["name"]
        body = found["body"]
        calls = functions(body)
        documented = re.sub(rf"{COMMENT}\s*[\w ]+?\*?\(\*\w+\)\(.*?\);", "", body, flags=re.S) if calls else body
        out = (f"=== {name}\n\n" if name else "") + words + table(members(documented, found["kind"]))
        for call, declaration, said in calls:
            out += f"\n==== {name}::{call}\n\n{code(declaration)}\n{said}\n"
        return out
    if found["line"]:
        line = flat(found["line"])
        if line.startswith("enum"):
            inner = re.sub(r"^enum \{ | \};$", "", line)
            return words + table([f"|`{flat(one)}` |" for one in inner.split(",")])
        return headed(line, words)
    return headed(found["macro"], words)


def page():
    out = [HEAD]
    for text in (header.read_text() for header in HEADERS):
        for found in DECLARATIONS.finditer(text[text.index("extern \"C\" {"):]):
            out.append(f"== {found['section'].capitalize()}\n" if found["title"] else entry(found).rstrip() + "\n")
    return "\n".join(part for part in out if part.strip())


def missing(made):
    """Public names of the header that the page lacks: the script must see all of it."""
    text = "\n".join(header.read_text() for header in HEADERS)
    names = set(re.findall(r"\b(?:EH_[A-Z0-9_]+|eh_[a-z_]+)\b", re.sub(r"/\*.*?\*/", "", text, flags=re.S)))
    names -= {"EH_ABI_MAJOR", "EH_ABI_MINOR"}  # of version.h
    calls = set(re.findall(r"\(\*(\w+)\)\(", text))
    return sorted(name for name in names | calls if not re.search(rf"\b{name}\b", made))


if __name__ == "__main__":
    made = page()
    if missing(made):
        sys.exit(f"test/doc/reference.py does not see all of plugin.h: {missing(made)}")
    if "--write" in sys.argv:
        PAGE.write_text(made)
    elif not PAGE.exists() or PAGE.read_text() != made:
        sys.exit("doc/reference.adoc is not what plugin.h says; run: python3 test/doc/reference.py --write")
