"""An agreement as a document that people read: its clauses in their own words and in the machine's, and where each party stands."""

from __future__ import annotations

import html

import msgspec

from comity.agree.accord import Agreement
from comity.agree.life import TEXT, Signatory, Step
from comity.agree.prose import budget, reading, sentence, terms
from comity.agree.status import WORDS
from comity.agree.wording import day, joined, words

BANNER = "Sample wording, not the text of any treaty."


class Article(msgspec.Struct, frozen=True):
    """A heading, a quotation (of the agreement itself; empty for none), and lines under it."""

    heading: str
    quote: str
    lines: list[str]


def articles(agreement: Agreement) -> list[Article]:
    """The document in its order: what it is, the clauses, the parties, how words are read, profiles, caps and budgets."""
    found = [Article(agreement.title, "", _head(agreement))]
    for clause in agreement.clauses:
        heading = f"Clause {clause.id}: {'a prohibition' if clause.effect == 'forbid' else 'a permission'}"
        lines = [sentence(clause, agreement), *terms(clause, agreement)]
        reserved = [section.party for section in agreement.parties if clause.id in section.reservations]
        if reserved:
            lines.append(f"Reserved by {joined(reserved)}: it does not work between them and anybody.")
        found.append(Article(heading, clause.text, lines))
    if agreement.parties:
        lines = [_party(agreement, section) for section in agreement.parties]
        if any(section.words for section in agreement.parties):
            lines.append("What has no remark in brackets is as the text of the agreement says.")
        found.append(Article("Parties", "", lines))
    limits = [f"Profile {profile.name} leaves out {joined(profile.remove)}." for profile in agreement.profiles]
    limits += [f"A person who is {cap.role} may share up to TLP:{cap.tlp_max.upper()}." for cap in agreement.caps]
    limits += [f"A party may ask privately about {budget(each)}." for each in agreement.budgets]
    found += [Article(f"How words of {each.of} are read", "", reading(each)) for each in agreement.maps]
    return [*found, *([Article("Profiles and limits", "", limits)] if limits else [])]


def as_text(agreement: Agreement) -> str:
    """The document as plain text."""
    blocks = []
    for article in articles(agreement):
        lines = [article.heading, "=" * len(article.heading)]
        lines += [f"  “{article.quote}”", ""] if article.quote else []
        blocks.append("\n".join([*lines, *(f"  {line}" for line in article.lines)]))
    return "\n\n".join(blocks) + "\n"


def as_html(agreement: Agreement) -> str:
    """The document as one HTML page without scripts, styles or links."""
    body = []
    for at, article in enumerate(articles(agreement)):
        heading = "h1" if at == 0 else "h2"
        body.append(f"<{heading}>{html.escape(article.heading)}</{heading}>")
        body += [f"<blockquote>{html.escape(article.quote)}</blockquote>"] if article.quote else []
        body.append("<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in article.lines) + "</ul>")
    title = html.escape(f"{agreement.title} ({agreement.ref})")
    return f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>\n' + "\n".join(body) + "\n</html>\n"


def _head(agreement: Agreement) -> list[str]:
    lines = [BANNER] if agreement.illustrative else []
    kind = f"a protocol between {joined(agreement.bodies)}" if agreement.bodies else f"an agreement in {agreement.body}"
    lines.append(f"{agreement.ref}, {kind}, for {words(agreement.purposes)}.")
    if agreement.in_force is None:
        lines.append("A draft: it binds nobody.")
    else:
        until = f" until {day(agreement.until)}" if agreement.until else ""
        lines.append(f"In force from {day(agreement.in_force)}{until}.")
    entry = {
        "all": f"It binds whoever has a standing in {'one of the bodies' if agreement.bodies else 'the body'}, and whoever is named below.",
        "per-party": "It binds a party from that party's own entry into force; a clause works between two parties once both are bound.",
    }
    lines.append(entry[agreement.entry])
    lines += [f"A withdrawal has effect {agreement.notice} after notice."] if agreement.notice else []
    if agreement.version > 1:
        rest = f", and nobody from {day(agreement.transition)}" if agreement.transition else ""
        lines.append(f"Earlier versions bind those whom this one does not bind yet{rest}.")
    return lines


def _party(agreement: Agreement, section: Signatory) -> str:
    said = [_step(step) for step in section.steps(agreement.notice)]
    said += [f"until {day(section.until)}"] if section.until and not section.in_force else []
    role = "the centre" if section.role == "centre" else section.standing
    name = " ".join([section.party, *([f"({role})"] if role else [])])
    return f"{name}: {words(said)}." + (f" Authority: {section.authority}." if section.authority else "")


def _step(step: Step) -> str:
    """One step in words, with a remark where it does not stand on the text's word."""
    names = {"in force": "in force from", "suspended": "suspended from", "gave notice": "gave notice of withdrawal"}
    parts = [names.get(step.step, step.step), *([day(step.on)] if step.on else []), *([step.clause] if step.clause else [])]
    if step.until:
        parts[-1] += f", bound until {day(step.until)}" if step.step == "gave notice" else f" until {day(step.until)}"
    return " ".join(parts) + ("" if step.word == TEXT else f" ({WORDS[step.word]})")
