"""Tests of the whole repository; the tree below mirrors the packages."""
