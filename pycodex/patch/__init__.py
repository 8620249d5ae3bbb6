"""Patches in the model's own format: read, matched to files, applied, and told as diffs.

hunks         what a patch says, as data
parse_hunks   text -> Patch, one file operation after the other
parse_lines   the same line by line, with stricter rules
lines         where the lines of a chunk stand in a file, and what the file becomes
action        a patch checked against the files: what will change
apply         the changes on the disk
line_diff     two texts -> a unified diff
turn_diff     what a turn changed, over all its patches
heredoc       a shell script that does nothing but hand a patch to apply_patch

Only `action`, `apply` and `turn_diff` touch files; the rest takes text and returns text. What differs between versions
is a field of PatchStyle (`style`).
"""
