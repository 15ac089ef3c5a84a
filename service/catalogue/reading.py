"""YAML with line numbers, and the collecting of faults: each names its file, line and key."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from service.catalogue.conditions import Condition, compile_condition
from service.catalogue.definitions import AgeLimit, Reuse, Tier
from service.catalogue.values import Value, value_of
from service.errors import CatalogueInvalid

LINE = "__line__"
Word = TypeVar("Word", Reuse, Tier, AgeLimit)


class _LineLoader(yaml.SafeLoader):
    """A safe loader that notes the line of each mapping and refuses a key written twice."""


def _mapping(loader: _LineLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    pairs: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in pairs:
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", key_node.start_mark)
        pairs[key] = loader.construct_object(value_node, deep=True)
    pairs[LINE] = node.start_mark.line + 1
    return pairs


_LineLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
# Dates stay text (they are compared as text), and `yes`/`no`/`on` stay words: option codes are words.
_LineLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path) -> Any:
    """Return a YAML file's content, each mapping with its line under `__line__`."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_LineLoader)  # noqa: S506  it is a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise CatalogueInvalid([f"{path.name}:{line}: {getattr(error, 'problem', error)}"]) from None


def plain(content: Any) -> Any:
    """Return YAML content without its line notes, with the words true and false as booleans."""
    if isinstance(content, dict):
        return {key: plain(value) for key, value in content.items() if key != LINE}
    if isinstance(content, list):
        return [plain(value) for value in content]
    return {"true": True, "false": False}.get(content, content) if isinstance(content, str) else content


class Faults:
    """Collects what is wrong with one file, so that a reader gets every fault at once."""

    def __init__(self, path: str, into: list[str], name: str = "") -> None:
        self.path = path
        self.into = into
        self.name = name

    def at(self, name: str) -> "Faults":
        """Return the same collector, speaking of one question."""
        return Faults(self.path, self.into, name)

    def required(self, content: Mapping[Any, Any], keys: tuple[str, ...], name: str) -> None:
        """Note each key that must be there and is not."""
        for key in sorted(set(keys) - set(content)):
            self.add(content[LINE], f"{name}.{key}", "this is missing")

    def add(self, line: int, key: str, reason: str) -> None:
        """Note a fault at a line and key."""
        self.into.append(f"{self.path}:{line}: {key}: {reason}")

    def unknown_keys(self, content: Mapping[Any, Any], allowed: set[str], key: str) -> None:
        """Note each key that means nothing here."""
        for extra in set(content) - allowed - {LINE}:
            self.add(content[LINE], f"{key}.{extra}", "there is no such key")

    def value(self, content: Mapping[Any, Any], key: str) -> Value:
        """Read `value:`; a fault gives a plain string type, so that reading can go on."""
        try:
            return value_of(plain(content["value"]))
        except (KeyError, TypeError, ValueError) as error:
            self.add(content[LINE], f"{key}.value", f"not a value type ({error})")
            return value_of({"type": "string"})

    def word(self, kind: type[Word], content: Mapping[Any, Any], key: str, default: Word) -> Word:
        """Read a word from a fixed list."""
        name = key.rpartition(".")[2]
        if name not in content:
            return default
        try:
            return kind(content[name])
        except ValueError:
            self.add(content[LINE], key, f"choose one of {', '.join(kind)}")
            return default

    def condition(self, content: Mapping[Any, Any], name: str, key: str) -> Condition | None:
        """Compile a CEL expression, if there is one."""
        if name not in content:
            return None
        try:
            return compile_condition(str(content[name]))
        except ValueError as error:
            self.add(content[LINE], f"{key}.{name}", f"not a condition: {str(error).splitlines()[0]}")
            return None
