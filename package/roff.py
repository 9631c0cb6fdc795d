"""Markdown, as far as this project's pages use it, to the man(7) macros. Makes text only, and knows nothing of commands.

What it does not know (a nested list, a quotation, HTML) is an error with its line, so that a page never loses a part
without anybody seeing it.
"""
import re


class Unknown(Exception):
    """A construct of Markdown that has no form here."""


def escape(text):
    """Text as roff prints it, sign by sign."""
    out = []
    for sign in text:
        out.append({"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}.get(sign, sign))
    return "".join(out)


def literal(text):
    r"""What is typed as it stands, in bold; \% keeps its words whole at the end of a line, for they are there to be copied."""
    words = re.split(r"( +)", text)
    return r"\fB" + "".join(r"\%" + escape(word) if len(word) > 3 else escape(word) for word in words) + r"\fR"


def line(text):
    """A line of text: one that begins with a control character is none."""
    return r"\&" + text if text[:1] in (".", "'") else text


def quoted(text):
    """An argument of a macro."""
    return '"' + escape(text).replace('"', r"\(dq") + '"'


def link_text(text, target):
    if re.match(r"[a-z]+://", target):
        return escape(f"{text} ({target})")
    if re.fullmatch(r"\d{4}", text):
        return escape("decision " + text)
    name = re.sub(r".*/|\.md$", "", target)
    if re.fullmatch(r"(?:.*/)?names/[a-z0-9-]+\.md", target):
        return inline(text) + r"(1)" if text == name else inline(text) + escape(f" ({name}(1))")
    if re.fullmatch(r"(?:.*cmd/)?[a-z]+\.md", target):
        return inline(text) if name in text else inline(text) + escape(f" (kabuto-{name}(1))")
    return inline(text)


INLINE = re.compile(r"(?P<ticks>`+)(?P<code>.+?)(?P=ticks)(?!`)|\[(?P<text>(?:[^\]`]|`[^`]*`)+)\]\((?P<target>[^)\s]+)\)"
                    r"|\*\*(?P<bold>.+?)\*\*")


def inline(text):
    """Code, links and bold in a paragraph."""
    out, at = "", 0
    for found in INLINE.finditer(text):
        out += escape(text[at:found.start()])
        if found["code"]:
            out += literal(found["code"].strip() or found["code"])
        elif found["bold"]:
            out += r"\fB" + inline(found["bold"]).replace(r"\fR", "").replace(r"\fB", "") + r"\fR"
        else:
            out += link_text(found["text"], found["target"])
        at = found.end()
    return out + escape(text[at:])


def cells(row):
    """The cells of a row; a bar within code is no border."""
    parts = re.findall(r"(?:`[^`]*`|\\\||[^|`])+", row.strip().strip("|"))
    return [part.replace(r"\|", "|").strip() for part in parts]


def table(rows):
    """Each row as a tagged paragraph; with more than two columns each cell says what it is."""
    head = cells(rows[0])
    out = []
    for row in rows[2:]:
        parts = cells(row)
        if len(parts) != len(head):
            raise Unknown(f"a row of {len(parts)} cells under {len(head)} headings: {row}")
        out += [".TP", line(inline(parts[0]))]
        if len(head) == 2:
            out.append(line(inline(parts[1])) or r"\&")
        else:
            for number, (title, part) in enumerate(zip(head[1:], parts[1:])):
                out += ([".br"] if number else []) + [line(inline(f"{title}: {part}" if title else part))]
    return out + [".PP"]


def code(rows):
    return [".PP", ".RS 4", ".EX", *(line(escape(row)) for row in rows), ".EE", ".RE"]


class Page:
    """Blocks of a page, read top to bottom."""

    def __init__(self, text, heading):
        self.rows, self.at, self.heading, self.out = text.split("\n"), 0, heading, []

    def take_while(self, wanted):
        begin = self.at
        while self.at < len(self.rows) and wanted(self.rows[self.at]):
            self.at += 1
        return self.rows[begin:self.at]

    def fence(self):
        """A block of code; one that is indented belongs to a list item."""
        indent = self.rows[self.at].index("```")
        self.at += 1
        rows = [row[indent:] for row in self.take_while(lambda row: not row.strip().startswith("```"))]
        self.at += 1
        return [".RS 2", *code(rows), ".RE"] if indent else code(rows)

    def item(self, mark):
        """A list item with the lines that are indented under it."""
        first = self.rows[self.at]
        indent = len(mark) + 1
        self.at += 1
        more = self.take_while(lambda row: row.startswith(" " * indent))
        if any(re.match(r" +([-*]|\d+\.) ", row) for row in more):
            raise Unknown("a list within a list: " + first)
        text = " ".join(row.strip() for row in [first[indent:], *more])
        tag = r".IP \(bu 2" if mark == "-" else f".IP {mark} 4"
        return [tag, line(inline(text))]

    def block(self):
        row = self.rows[self.at]
        if not row.strip():
            self.at += 1
            return []
        if row.strip().startswith("```"):
            return self.fence()
        if row.startswith("|"):
            return table(self.take_while(lambda row: row.startswith("|")))
        if row.startswith("#"):
            self.at += 1
            level, title = re.match(r"(#+) +(.*)", row).groups()
            return [] if level == "#" else self.heading(len(level), title)
        if (mark := re.match(r"(-|\d+\.) ", row)):
            return self.item(mark[1])
        if re.match(r"\s|>|<|\* ", row):
            raise Unknown(row)
        words = self.take_while(lambda row: row.strip() and not re.match(r"```|\||#|- |\d+\. ", row))
        return [".PP", line(inline(" ".join(words)))]

    def roff(self):
        while self.at < len(self.rows):
            self.out += self.block()
        return tidy(self.out)


def tidy(rows):
    """Without the paragraph breaks that a heading or the end makes needless."""
    out = []
    for number, row in enumerate(rows):
        following = rows[number + 1] if number + 1 < len(rows) else ".SH"
        needless = re.match(r"\.(SH|SS|PP|TP|IP)", following) or (out and re.match(r"\.(S[HS]|RS)", out[-1]))
        if row != ".PP" or not needless:
            out.append(row)
    return out


def subsection(_, title):
    """For the page of a command: all its headings are parts of the description."""
    return [".SS " + quoted(re.sub("`", "", title))]


def section(level, title):
    """For a page that is a manual of its own."""
    title = re.sub("`", "", title)
    return [".SH " + quoted(title.upper()) if level == 2 else ".SS " + quoted(title)]


def roff(text, heading=subsection):
    """The rows of man(7) for a page; its first heading is left to the caller."""
    return Page(text, heading).roff()
