# SPDX-License-Identifier: GPL-2.0-only
"""The list of system tests. A test is a function whose name says what it shows; it raises Failure."""

TESTS = []


def test(function):
    TESTS.append(function)
    return function
