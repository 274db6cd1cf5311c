# Distributed under the Boost Software License, Version 1.0.
# Tests that each public header compiles alone and twice; the C ones in every C and C++ that plugins are written in.
import pathlib
import shutil
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2] / "include"
warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I", str(root), "-"]
c_dialects = ["c11", "c17"]
# EH_PLUGIN_HEADER, with its designated initialisers, is only a macro: the header is good for older C++ too.
cpp_dialects_of_c_headers = ["c++11", "c++17", "c++20", "c++2b"]


def compilers():
    for c, cpp in (("gcc", "g++"), ("clang", "clang++")):
        if shutil.which(cpp):
            yield c, cpp


def compile_alone(command, names):
    source = "".join(f"#include <{name}>\n" for name in names + names) + "int one_declaration_at_least;\n"
    done = subprocess.run(command + warnings, input=source, text=True, capture_output=True)
    if done.returncode == 0:
        return 0
    print(f"{' '.join(map(str, names))} does not compile alone: {' '.join(command)}\n{done.stderr}")
    return 1


headers = sorted(p.relative_to(root) for p in root.rglob("*") if p.suffix in (".h", ".hpp"))
assert len(headers) > 5, headers
failures = 0
for name in headers:
    if "detail" not in name.parts and "Plugins may include this" not in (root / name).read_text():
        print(f"{name} does not say 'Plugins may include this'")
        failures += 1
for c, cpp in compilers():
    for name in (h for h in headers if h.suffix == ".h"):
        for dialect in c_dialects:
            failures += compile_alone([c, "-x", "c", "-std=" + dialect], [name])
        for dialect in cpp_dialects_of_c_headers:
            failures += compile_alone([cpp, "-x", "c++", "-std=" + dialect], [name])
    cpp_headers = [h for h in headers if h.suffix == ".hpp"]
    # Alone with one compiler; for the other all together.
    for names in [[h] for h in cpp_headers] if cpp == "g++" else [cpp_headers]:
        failures += compile_alone([cpp, "-x", "c++", "-std=c++20"], names)
sys.exit(1 if failures else 0)
