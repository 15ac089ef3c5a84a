"""What a real form's field is filled with: an answer in the form's own codes."""

from collections.abc import Mapping
from typing import Any

import cel

from service.catalogue.conditions import Condition, context_of
from service.catalogue.definitions import Pack, Question


def writing_context(written: Condition, value: Any, variables: Mapping[str, Any]) -> cel.Context:
    """Return the names `writes` reads: those of the pack, and `value`, the answer in the item's own codes."""
    return context_of({name: variables[name] for name in written.names if name in variables} | {"value": value})


def in_the_forms_codes(pack: Pack, question: Question, value: Any) -> Any:
    """Return an answer with its codes mapped and its booleans in the pack's style; several may map to one code."""
    if question.value.kind == "choice":
        return question.options.get(value, value)
    if question.value.kind == "choices":
        return list(dict.fromkeys(question.options.get(code, code) for code in value))
    if question.value.kind == "choice_by":
        codes = {key: question.options.get(code, code) for key, code in value.items()}
        return codes if len(codes) > 1 else next(iter(codes.values()), None)
    return in_the_forms_style(pack, value)


def in_the_forms_style(pack: Pack, value: Any) -> Any:
    """Return a boolean as the form writes it; anything else as it is."""
    if isinstance(value, bool) and pack.booleans == "yes_no":
        return "yes" if value else "no"
    return value
