"""Whether each item said to be held by a record system stands in an inventory, or in the table, as held by it."""

from collections.abc import Iterator

from service.catalogue.checks.grounds import Grounds


def holder_faults(grounds: Grounds) -> Iterator[str]:
    """Yield the items that name a record system which no row they answer, and no shared concept, names."""
    named: dict[str, set[str]] = {}
    for pack in grounds.current_packs:
        for question in pack.questions:
            if question.item is not None:
                rows = [grounds.rows[row] for row in question.covers if row in grounds.rows]
                named.setdefault(question.item, set()).update(system for row in rows for system in row.held_by)
    for entry in grounds.concepts:
        for item in entry.content.get("items") or ():
            named.setdefault(str(item), set()).update(entry.content.get("source") or ())
    for item in grounds.catalogue.items.values():
        for system in sorted(set(item.held_by) - named.get(item.name, set())):
            yield grounds.item_fault(item.name, ".held_by", f"no row it answers and no shared concept names {system}")
