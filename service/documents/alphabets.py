"""Which characters a page can show, so that a name in any alphabet is readable, or written in codes to look up."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial

import typst

from service.documents.outlines import Outline, Plain
from service.documents.typesetting import PagesRefused, set_pages

# A letter with whatever is drawn on it or joined to it: one font has to hold all of it, so it is asked for as a whole.
Cluster = str
FindMissing = Callable[[Collection[Cluster]], Collection[Cluster]]

_PREFERRED_FAMILIES = ("Noto Sans", "Open Sans", "DejaVu Sans", "Libertinus Serif")
_CLUSTERS_REMEMBERED = 200_000
_CLUSTERS_A_PROBE = 2_000
_LONGEST_CLUSTER = 24

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# The plain character before a run may carry the run's first accent.
_UNUSUAL_RUN = re.compile(r"[ -~]?[^\n -~]+")
_BEYOND_ASCII = re.compile(r"[^\n -~⟨⟩]")
_ZERO_WIDTH_JOINER = "\u200d"
_JOINERS = frozenset("\u200c\u200d")
_SKIN_TONES = frozenset(chr(code) for code in range(0x1F3FB, 0x1F400))
_VIRAMA = 9
# Names and ordinary text need these. Any other format character is invisible or, like an override, makes text read
# differently from what is held, so it is written as a code.
_LEGITIMATE_FORMATS = frozenset("\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060")
_NAMELESS = {"Cc": "CONTROL CHARACTER", "Cs": "HALF OF A SURROGATE PAIR", "Co": "PRIVATE-USE CHARACTER"}


@dataclass(frozen=True, slots=True)
class Spelling:
    """An outline that can be shown, and the letters that are written as codes for that."""

    outline: Outline
    coded: frozenset[str]

    @property
    def codes(self) -> list[tuple[str, str]]:
        """Return (code, Unicode name) of each letter in code, once, in the order of the codes."""
        return [(code_of(letter), _name_of(letter)) for letter in sorted(self.coded)]

    @property
    def texts(self) -> frozenset[str]:
        """Return every text of the outline that holds more than plain English letters."""
        return frozenset(text for text in _strings(self.outline) if not text.isascii())


def spell(outline: Outline, find_missing: FindMissing) -> Spelling:
    """Write each character that cannot be shown as its code, `⟨U+0A2A⟩`.

    `find_missing` says which clusters its medium has no glyphs for; characters that no medium shows never reach it.
    """
    normal = _map_outline(outline, _normalise)
    found = {cluster for text in _strings(normal) for run in _UNUSUAL_RUN.findall(text) for cluster in _clusters(run)}
    missing = {cluster for cluster in found if any(map(_is_never_shown, cluster))}
    missing.update(find_missing(found - missing))
    if not missing:
        return Spelling(normal, frozenset())
    swaps, coded = _write_codes(missing, find_missing)
    spelt = _map_outline(normal, partial(_UNUSUAL_RUN.sub, lambda run: _swap(run[0], swaps)))
    return Spelling(spelt, frozenset(coded))


def write_in_code(spelling: Spelling, texts: Collection[str]) -> Spelling:
    """Leave nothing but plain English letters and codes in these texts: what any font can show in any place."""
    coded = {letter for text in texts for letter in _BEYOND_ASCII.findall(text)}
    outline = _map_outline(spelling.outline, lambda text: _all_in_code(text) if text in texts else text)
    return Spelling(outline, spelling.coded | coded)


def code_of(letter: str) -> str:
    """Return what stands on the page for one character."""
    return f"⟨U+{ord(letter):04X}⟩"


def find_none(_: Collection[Cluster]) -> Collection[Cluster]:
    """Find nothing missing: a browser brings fonts of its own."""
    return ()


class FontCoverage:
    """The fonts typst has at hand, and what it was found to have glyphs for.

    typst is asked, rather than the font files: its embedded fonts are no files, and only it knows how it falls back
    from one font to the next. Answers are only ever added, so threads may share one coverage.
    """

    def __init__(self, fonts: typst.Fonts) -> None:
        families = set(fonts.families())
        self.fonts = fonts
        self.family = next((family for family in _PREFERRED_FAMILIES if family in families), min(families))
        self._is_shown: dict[Cluster, bool] = {}

    def find_missing(self, clusters: Collection[Cluster]) -> Collection[Cluster]:
        """Return the clusters for which no font has all the glyphs."""
        if len(self._is_shown) > _CLUSTERS_REMEMBERED:
            self._is_shown = {}
        known = self._is_shown
        unknown = sorted(cluster for cluster in clusters if cluster not in known)
        for start in range(0, len(unknown), _CLUSTERS_A_PROBE):
            batch = unknown[start : start + _CLUSTERS_A_PROBE]
            missing = self._probe(batch)
            known.update((cluster, cluster not in missing) for cluster in batch)
        return {cluster for cluster in clusters if not known[cluster]}

    def find_unsettable(self, texts: Collection[str]) -> Collection[str]:
        """Return the whole texts that cannot be set, be it only by which letters stand side by side."""
        return self._probe(sorted(texts))

    def _probe(self, texts: list[str]) -> set[str]:
        """Return the texts that cannot be set.

        A refusal may not name all it should, so what it did not name is asked again until everything passes.
        """
        missing: set[str] = set()
        rest = texts
        while rest:
            named = self._find_refused(rest)
            if not named:
                break
            missing |= named
            rest = [text for text in rest if text not in named]
        return missing

    def _find_refused(self, texts: list[str]) -> set[str]:
        """Set each text, and let PDF/UA-1 refuse the pages and name the lines of the source that lack a glyph."""
        preamble = f'#set document(title: "Probe"); #set text(font: "{self.family}")'
        try:
            set_pages("\n\n".join([preamble, *map(_probe_line, texts)]).encode(), self.fonts, {}, seconds=0)
        except PagesRefused as refusal:
            named = {texts[line // 2 - 1] for line in refusal.lines if 3 <= line <= 2 * len(texts) + 1}
            return named or self._find_failing(texts)
        return set()

    def _find_failing(self, texts: list[str]) -> set[str]:
        """Find by halves the texts that fail without being named: some make typst itself fail."""
        if len(texts) == 1:
            return set(texts)
        middle = len(texts) // 2
        return self._probe(texts[:middle]) | self._probe(texts[middle:])


@cache
def find_fonts() -> FontCoverage:
    """Return the coverage of the fonts embedded in typst and installed on this machine, found once a process."""
    return FontCoverage(typst.Fonts())


def _probe_line(text: str) -> str:
    """Return a line of typst that sets a text by itself and between plain letters, where other fonts may be chosen.

    Each stands in a paragraph of its own: an accent first in its line would vanish into the line end before it.
    """
    escaped = "".join(f"\\u{{{ord(letter):x}}}" for letter in text)
    return f'#"{escaped}" #parbreak() #"x{escaped}x"'


def _normalise(text: str) -> str:
    return _LINE_ENDS.sub("\n", text).replace("\t", "    ")


def _map_outline(outline: Outline, change: Callable[[str], str]) -> Outline:
    return {key: _map_strings(value, change) for key, value in outline.items()}


def _map_strings(plain: Plain, change: Callable[[str], str]) -> Plain:
    if isinstance(plain, str):
        return change(plain)
    if isinstance(plain, Mapping):
        return {key: _map_strings(value, change) for key, value in plain.items()}
    return [_map_strings(value, change) for value in plain]


def _strings(plain: Plain) -> Iterator[str]:
    if isinstance(plain, str):
        yield plain
    else:
        for value in plain.values() if isinstance(plain, Mapping) else plain:
            yield from _strings(value)


def _clusters(run: str) -> list[Cluster]:
    """Split a run where one drawn letter ends: as near to Unicode's grapheme clusters as fonts need."""
    clusters: list[Cluster] = []
    for letter in run:
        if clusters and len(clusters[-1]) < _LONGEST_CLUSTER and _belongs(letter, clusters[-1][-1]):
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters


def _belongs(letter: str, before: str) -> bool:
    if unicodedata.category(letter)[0] == "M" or letter in _JOINERS or letter in _SKIN_TONES:
        return True
    return before == _ZERO_WIDTH_JOINER or unicodedata.combining(before) == _VIRAMA


def _is_never_shown(letter: str) -> bool:
    category = unicodedata.category(letter)
    if category == "Cf":
        return letter not in _LEGITIMATE_FORMATS
    is_noncharacter = category == "Cn" and (ord(letter) & 0xFFFE == 0xFFFE or "\ufdd0" <= letter <= "\ufdef")
    return is_noncharacter or category in _NAMELESS


def _write_codes(missing: set[Cluster], find_missing: FindMissing) -> tuple[dict[Cluster, str], set[str]]:
    """Return what each missing cluster is written as, and the letters coded; a first letter shown alone stays."""
    heads = {cluster[0] for cluster in missing if len(cluster) > 1}
    lone = {head for head in heads if not _is_never_shown(head)}
    kept = lone - set(find_missing(lone))
    swaps, coded = {}, set[str]()
    for cluster in missing:
        shown = 1 if len(cluster) > 1 and cluster[0] in kept else 0
        swaps[cluster] = cluster[:shown] + "".join(map(code_of, cluster[shown:]))
        coded.update(cluster[shown:])
    return swaps, coded


def _all_in_code(text: str) -> str:
    return _BEYOND_ASCII.sub(lambda letter: code_of(letter[0]), text)


def _swap(run: str, swaps: Mapping[Cluster, str]) -> str:
    return "".join(swaps.get(cluster, cluster) for cluster in _clusters(run))


def _name_of(letter: str) -> str:
    return unicodedata.name(letter, _NAMELESS.get(unicodedata.category(letter), "NO NAME KNOWN"))
