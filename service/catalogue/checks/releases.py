"""Whether a released version of a pack has changed: referrals sent on it say what was asked by naming it."""

from collections.abc import Iterator
from pathlib import Path

from service.catalogue.definitions import Catalogue
from service.catalogue.reading import LINE, read_yaml

RELEASED = Path("packs") / "released.yaml"
HEADER = "# The hash of each released version of a pack: `referral-broker catalogue release` adds the new ones.\n"


def released(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each released version, by pack/version."""
    path = folder / RELEASED
    content = (read_yaml(path) if path.exists() else None) or {}
    return {str(key): str(digest) for key, digest in content.items() if key != LINE}


def release_faults(catalogue: Catalogue, folder: Path, *, only: str | None = None) -> Iterator[str]:
    """Yield the released versions whose file has changed or gone; `only` looks at one pack."""
    known = {f"{name}/{version}": pack for (name, version), pack in catalogue.packs.items()}
    for place, (key, digest) in enumerate(released(folder).items(), start=2):
        if only is not None and not key.startswith(f"{only}/"):
            continue
        if key not in known:
            yield f"released.yaml:{place}: {key}: this version was released, and its file is gone"
        elif known[key].digest != digest:
            yield f"{known[key].path}:1: {key}: this version was released and has changed: write a new version"


def drafts(catalogue: Catalogue, folder: Path) -> list[str]:
    """Return the versions that are not released yet, as pack/version."""
    locked = released(folder)
    return [f"{name}/{version}" for name, version in sorted(catalogue.packs) if f"{name}/{version}" not in locked]


def release_drafts(catalogue: Catalogue, folder: Path) -> list[str]:
    """Note the hash of every version not released yet, and return their names; released ones stay as they are."""
    added = drafts(catalogue, folder)
    digests = {f"{name}/{version}": pack.digest for (name, version), pack in catalogue.packs.items()}
    locked = released(folder) | {key: digests[key] for key in added}
    if added:
        lines = "".join(f"{key}: {digest}\n" for key, digest in sorted(locked.items()))
        (folder / RELEASED).write_text(HEADER + lines, encoding="utf-8")
    return added
