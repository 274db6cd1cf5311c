# Distributed under the Boost Software License, Version 1.0.
# What the tests of the program from outside share.
