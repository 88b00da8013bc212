"""Markdown of which the end is still to come: what would read as bare marks is kept back.

Each rule keeps a little, or closes what is open, so that a reader sees only words that will stand.
"""

import re

# A line that holds marks alone says nothing yet: it may begin a list, end a code, make a heading.
_MARKS_ALONE = re.compile(
    r"[ \t]*(?:>[ \t]*)*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*"
    r"(?:[-*+=_#>~`|$\\:\[\]! \t]*|\d{1,9}[.)]?|\[[ xX]\]?)[ \t]*"
)
_FENCE = re.compile(r"[ \t]*(?:>[ \t]*)*(?:[-*+] +|\d{1,9}[.)] +)*(`{3,}|~{3,})([^`\n]*)")
_ROW = re.compile(r"[ \t]*\|")
_DELIMITER = re.compile(r"[ \t]*\|[ \t:|-]*")
_CLOSING = {"$$": "$$", "\\[": "\\]", "\\(": "\\)", "$": "$"}
_LONGEST_LINK = 2_000
_MOST_TRIES = 30
_LONGEST_FORMULA_IN_A_LINE = 200
# What may become something else with the next letter.
_UNDECIDED = re.compile(r"(?:[*_~`\\!]+|&#?\w{0,10}|<(?:https?:|mailto:)?[^\s<>]*)\Z", re.ASCII)
_MARK = re.compile(
    r"https?://[^\s<>]+|\\[(\[]|\\.|`+|\$\$?|\*+|(?<!_)_{1,2}(?!_)|~~|!?\[", re.DOTALL
)
_WORDLIKE = re.compile(r"\w")


def without_bare_lines(text: str) -> str:
    """Leave out a last line of marks alone, and lay out a table from its first row on."""
    lines = text.split("\n")
    is_code, formula = under_way(lines[:-1])
    if formula is not None:
        return "\n".join([*lines[:formula], ""])
    last = lines[-1]
    if _MARKS_ALONE.fullmatch(last) and (is_code or not _ROW.match(last)):
        last = ""
    if not is_code and _FENCE.fullmatch(last):
        last = ""
    lines[-1] = last
    return "\n".join(lines if is_code else _with_table(lines))


def under_way(lines: list[str]) -> tuple[bool, int | None]:
    """Say whether a block of code is open, and at which line a formula is."""
    fence, formula, opened = "", "", 0
    for number, line in enumerate(lines):
        found = _FENCE.match(line)
        bare = line.strip()
        if formula:
            formula = "" if _CLOSING[formula] in bare else formula
        elif fence:
            fence = "" if found and found[1].startswith(fence) and not found[2].strip() else fence
        elif found:
            fence = found[1]
        elif bare[:2] in {"$$", "\\["} and _CLOSING[bare[:2]] not in bare[2:]:
            formula, opened = bare[:2], number
    return bool(fence), opened if formula else None


def _with_table(lines: list[str]) -> list[str]:
    """Complete the line under a table's head; keep back a head or a row that has just begun."""
    is_whole = not lines[-1].strip()
    rows = lines[:-1] if is_whole else lines
    count = 0
    while count < len(rows) and _ROW.match(rows[-1 - count]):
        count += 1
    if not count:
        return lines
    if not is_whole and (count == 1 or (count > 2 and rows[-1].strip() == "|")):
        return [*rows[:-1], ""]
    if count == 1 or (count == 2 and not is_whole and _DELIMITER.fullmatch(rows[-1])):
        head = rows[-count]
        columns = len(re.findall(r"(?<!\\)\|", head.strip().strip("|"))) + 1
        return [*rows[: len(rows) - count + 1], "|" + "---|" * columns]
    return lines


def closed(text: str) -> str:
    """Close what is open at the end of a paragraph's own text, or leave it out."""
    for _try in range(_MOST_TRIES):
        text = _decided(text)
        cut, marks = _open_at_the_end(text)
        if cut is None:
            return text.rstrip() + "".join(reversed(marks)) if marks else text
        text = text[:cut]
    return ""


def _decided(text: str) -> str:
    for _try in range(_MOST_TRIES):
        found = _UNDECIDED.search(text, max(0, len(text) - _LONGEST_LINK))
        if not found:
            break
        text = text[: found.start()]
    return text


def _open_at_the_end(text: str) -> tuple[int | None, list[str]]:
    """Say from where on the text cannot be shown yet, or which marks it needs to be closed."""
    marks: list[str] = []
    at = 0
    while found := _MARK.search(text, at):
        mark, at = found[0], found.end()
        if mark[0] == "`":
            end = _end_of_code(text, mark, at)
            if end is None:
                return None, [*marks, mark]
            at = end
        elif mark in _CLOSING or mark in {"[", "!["}:
            ends = _end_of_formula if mark in _CLOSING else _end_of_link
            end = ends(text, mark, at)
            if end is None:
                return found.start(), []
            at = end
        elif mark[0] in "*_~":
            _open_or_close(text, found, marks)
    return None, marks


def _end_of_code(text: str, mark: str, at: int) -> int | None:
    ends = (found.end() for found in re.finditer(r"`+", text[at:]) if found[0] == mark)
    end = next(ends, None)
    return None if end is None else at + end


def _end_of_formula(text: str, mark: str, at: int) -> int | None:
    """Where the formula ends, or the mark that begins none; None while it is not to be known."""
    if at == len(text):
        return None
    if mark == "$" and (text[at].isspace() or text[at].isdigit()):
        return at
    end = text.find(_CLOSING[mark], at)
    if end >= 0:
        return end + len(_CLOSING[mark])
    is_long = mark == "$" and len(text) - at > _LONGEST_FORMULA_IN_A_LINE
    return at if is_long else None


def _end_of_link(text: str, _mark: str, at: int) -> int | None:
    """Where the link ends, or the bracket that begins none; None while it is not to be known."""
    end, depth = at, 1
    while depth and end < len(text):
        depth += {"[": 1, "]": -1}.get(text[end], 0)
        end += 1
    is_long = len(text) - at > _LONGEST_LINK
    if depth or end == len(text):
        return at if is_long else None
    if text[end] != "(":
        return at
    close = text.find(")", end)
    if close < 0:
        return at if is_long else None
    return close + 1


def _open_or_close(text: str, found: "re.Match[str]", marks: list[str]) -> None:
    mark = found[0]
    before = text[found.start() - 1] if found.start() else " "
    after = text[found.end()] if found.end() < len(text) else " "
    may_close = not before.isspace() and not (mark[0] == "_" and _WORDLIKE.match(after))
    if may_close and marks and marks[-1][0] == mark[0]:
        left = len(mark)
        while left > 0 and marks and marks[-1][0] == mark[0]:
            left -= len(marks.pop())
    elif not after.isspace() and not _WORDLIKE.match(before):
        twos, ones = divmod(len(mark), 2)
        marks += [mark[0] * 2] * twos + [mark[0]] * ones
