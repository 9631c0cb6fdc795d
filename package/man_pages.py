"""The manual pages: what the table of commands says (names, options, summaries) around what the pages of doc/ say.

kabuto(1) has every command and what all of them take; kabuto-WORD(1) is a command or all that begin with its word.
Nothing is said here that stands in the table or in doc/, so a page cannot grow old.
"""
import datetime
import re

from roff import escape, inline, line, quoted, roff, section, tidy


def title(name, date, version):
    day = datetime.datetime.fromtimestamp(date, datetime.timezone.utc).strftime("%Y-%m-%d")
    return [f'.TH {quoted(name.upper())} 1 "{day}" {quoted("kabuto " + version)} "kabuto"', ".ad l", ".hw kabuto"]


def argument(info):
    """One option or word of the command line, with its line of help."""
    names = info["names"].split(",") if info["names"].startswith("-") else [info["names"]]
    shown = ", ".join(r"\fB" + escape(name) + r"\fR" if name.startswith("-") else r"\fI" + escape(name) + r"\fR"
                      for name in names)
    value = r" \fI" + escape(info["value"]) + r"\fR" if info["value"] else ""
    return [".TP", shown + value, line(escape(info["help"]))]


def own_arguments(row):
    return [info for info in row["arguments"] if info["names"] != "-h,--help"]


def split_page(text):
    """A page of doc/cmd: (how to call it or None, what it says, its exit codes)."""
    synopsis, rest = re.match(r"# [^\n]*\n+(?:```\n(.*?)\n```\n)?(.*)", text, re.S).groups()
    codes = re.search(r"^Exit codes: (.*?)(?:\n\n|\Z)", rest, re.S | re.M)
    if codes:
        rest = rest[:codes.start()] + rest[codes.end():]
    return synopsis, rest, codes[1].replace("\n", " ").strip() if codes else ""


def first_sentence(text):
    paragraph = re.sub(r"`|\*\*|\[([^\]]*)\]\([^)]*\)", r"\1", text.strip().split("\n\n")[0].replace("\n", " "))
    sentence = re.match(r"(.+?)(?:[.:] |[.:]?$)", paragraph)[1]
    return sentence[0].lower() + sentence[1:] if not sentence.startswith("AWS") else sentence


def options(rows):
    """The section OPTIONS of the commands of one page."""
    out = []
    for row in rows:
        infos = own_arguments(row)
        if not infos:
            continue
        if len(rows) > 1:
            out.append(".SS " + quoted("kabuto " + row["name"]))
        for info in infos:
            out += argument(info)
    out += [".PP", r"The options that every command takes are in \fBkabuto\fR(1)."]
    return [".SH OPTIONS", *out]


def see_also(names):
    return [".SH SEE ALSO", ",\n".join(rf"\fB\%{escape(name)}\fR(1)" for name in names)]


def command_page(word, rows, text, date, version):
    """kabuto-WORD(1) from the rows that begin with WORD and doc/cmd/WORD.md."""
    shown, description, codes = split_page(text)
    synopsis = shown or "\n".join(f"kabuto {row['name']} {row['synopsis']}" for row in rows)
    summary = rows[0]["summary"] if len(rows) == 1 else first_sentence(description)
    related = sorted({name for name in re.findall(r"\]\((?:cmd/)?([a-z]+)\.md", text) if name != word})
    out = title("kabuto-" + word, date, version)
    out += [".SH NAME", rf"kabuto\-{escape(word)} \- {escape(summary)}"]
    out += [".SH SYNOPSIS", ".EX", *(line(escape(row)) for row in synopsis.split("\n")), ".EE"]
    out += [".SH DESCRIPTION", *roff(description)]
    out += options(rows)
    if codes:
        out += [".SH EXIT STATUS", line(inline(codes[0].upper() + codes[1:]))]
    return tidy(out + see_also(["kabuto", *(f"kabuto-{name}" for name in related)]))


def main_page(table, text, words, date):
    """kabuto(1) from doc/kabuto.md, whose two marks stand for what the table says."""
    commands = []
    for row in table["commands"]:
        synopsis = escape(f"kabuto {row['name']} {row['synopsis']}".strip())
        commands += [".TP", rf"\fB{synopsis}\fR", line(escape(row["summary"]))]
    common = [part for info in table["common"] for part in argument(info)]
    out = title("kabuto", date, table["version"])
    out += [".SH NAME", r"kabuto \- short\-lived AWS credentials over many accounts"]
    rows = roff(text, section)
    for mark, made in (("{{commands}}", commands), ("{{options}}", common)):
        at = rows.index(mark)
        # the mark stands in a paragraph of its own
        rows[at - (rows[at - 1] == ".PP"):at + 1] = made
    return tidy(out + rows + see_also([f"kabuto-{word}" for word in words] + ["kabuto-sim"]))


def simulator_page(text, date, version):
    """kabuto-sim(1) from doc/sim.md."""
    first = re.search(r"^# .*?\n\n(.*)", text, re.S)[1]
    out = title("kabuto-sim", date, version)
    out += [".SH NAME", r"kabuto\-sim \- a small, strict AWS on 127.0.0.1 to rehearse on", ".SH DESCRIPTION"]
    return tidy(out + roff(first, section) + see_also(["kabuto"]))


def name_page(name, text, date, version):
    """The page of another name that kabuto answers to, from doc/names/NAME.md."""
    first = re.search(r"^# .*?\n\n(.*)", text, re.S)[1]
    out = title(name, date, version)
    out += [".SH NAME", rf"{escape(name)} \- kabuto under the name of {escape(name)}", ".SH DESCRIPTION"]
    return tidy(out + roff(first, section) + see_also(["kabuto", "kabuto-names"]))


def pages(table, doc, date):
    """{name: text} of every manual page of the package kabuto."""
    words = []
    for row in table["commands"]:
        word = row["name"].split(" ")[0]
        if word not in words:
            words.append(word)
    version = table["version"]
    made = {"kabuto": main_page(table, (doc / "kabuto.md").read_text(), sorted(words), date)}
    for word in words:
        rows = [row for row in table["commands"] if row["name"].split(" ")[0] == word]
        made["kabuto-" + word] = command_page(word, rows, (doc / f"cmd/{word}.md").read_text(), date, version)
    return {name: "\n".join(rows) + "\n" for name, rows in made.items()}
