"""A referral as an accessible web page, read on any screen and printed with its marking, without scripts or fetches."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.documents.alphabets import find_none, spell
from service.documents.contents import ReferralContents
from service.documents.outlines import outline_referral

_TEMPLATES = Path(__file__).with_name("templates")
_STYLE = (_TEMPLATES / "referral.css").read_text(encoding="utf-8")
_PAGES = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)

STYLE_HASH = f"'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
"""The page's one style element, as a source for `style-src`."""

CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src {STYLE_HASH}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The policy under which the page works in full: no scripts, nothing fetched, nothing framed."""


def render_html(referral: ReferralContents, *, with_provenance: bool = False, collapsed: bool = False) -> str:
    """Return the referral as one self-contained page, the same text for equal contents."""
    spelling = spell(outline_referral(referral, with_provenance=with_provenance, collapsed=collapsed), find_none)
    template = _PAGES.get_template("referral.html.jinja")
    return template.render(spelling.outline, codes=spelling.codes, style=_STYLE)
