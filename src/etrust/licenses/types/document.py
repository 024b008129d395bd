"""A YAML file as sections that know their line: every complaint names file, line and field.

`yaml.compose` keeps the place of every value; a plain loader drops it and lets a repeated key win.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from etrust.errors import EtrustError, Kind

_TAG = "tag:yaml.org,2002:"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C where the wheel has it: every command reads the types


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file is, for its complaints: their code, and its name in Chinese and English."""

    code: str
    zh: str
    en: str


LICENSE_TYPE_FILE = FileKind("bad_license_type", "证照类型文件", "License type file")


def read_document(path: Path, kind: FileKind = LICENSE_TYPE_FILE) -> "Section":
    """The mapping a YAML file consists of.

    Raises:
        EtrustError: with the code of its kind (``bad_license_type``) when it cannot be read or is no mapping.
    """
    try:
        node = yaml.compose(path.read_text("utf-8"), Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = error.problem
        raise bad_type(path, line, "", f"YAML 语法错误：{problem}", f"not YAML: {problem}", kind) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise bad_type(path, 1, "", f"文件无法读取：{error}", f"the file cannot be read: {error}", kind) from error
    if node is None:
        raise bad_type(path, 1, "", "文件是空的", "the file is empty", kind)
    return Section(path, "", node, kind)


def bad_type(
    path: Path, line: int, name: str, zh: str, en: str, kind: FileKind = LICENSE_TYPE_FILE
) -> EtrustError:
    """The error of such a file: what is wrong, in which line and which field."""
    where = f"{path}:{line}" + (f" {name}" if name else "")
    return EtrustError(
        Kind.INVALID, kind.code, where=where,
        zh=f"{kind.zh} {path.name} 第 {line} 行{f'“{name}”' if name else ''}：{zh}",
        en=f"{kind.en} {path.name}, line {line}{f', {name}' if name else ''}: {en}",
    )  # fmt: skip


@dataclass(slots=True)
class Section:
    """One mapping of the file, read key by key; `finish` complains of keys that nobody read."""

    path: Path
    name: str
    node: yaml.Node
    kind: FileKind = LICENSE_TYPE_FILE
    _values: dict[str, yaml.Node] = field(init=False)
    _keys: dict[str, yaml.Node] = field(init=False)

    def __post_init__(self) -> None:
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(self.node, self.name, "应为键值表", "must be a mapping")
        self._values, self._keys = {}, {}
        for key, value in self.node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self.error(key, self.name, "键必须是文字", "a key must be text")
            if key.value in self._values:
                raise self.error(key, self._full(key.value), "重复出现", "appears twice")
            self._values[key.value], self._keys[key.value] = value, key

    def error(self, node: yaml.Node, name: str, zh: str, en: str) -> EtrustError:
        """A complaint about one place in this file."""
        return bad_type(self.path, node.start_mark.line + 1, name, zh, en, self.kind)

    def error_at(self, key: str, zh: str, en: str) -> EtrustError:
        """A complaint about one key of this section, or the section when it has no such key."""
        return self.error(self._values.get(key, self.node), self._full(key), zh, en)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys in the order of the file."""
        return tuple(self._keys)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._values

    def text(
        self, key: str, *, default: str | None = None, pattern: str = "", among: tuple[str, ...] = ()
    ) -> str:
        """A text that is not empty."""
        if key not in self._values and default is not None:
            return default
        return self._text_of(self._required(key), self._full(key), pattern, among)

    def texts(
        self, key: str, *, default: tuple[str, ...] | None = None, among: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """A list of texts, none twice."""
        if key not in self._values and default is not None:
            return default
        found: list[str] = []
        for number, node in self._items(key):
            text = self._text_of(node, f"{self._full(key)}[{number}]", "", among)
            if text in found:
                raise self.error(node, self._full(key), f"“{text}”重复出现", f"“{text}” appears twice")
            found.append(text)
        return tuple(found)

    def boolean(self, key: str, *, default: bool) -> bool:
        """True or false."""
        node = self._values.get(key)
        if node is None:
            return default
        if node.tag != _TAG + "bool":
            raise self.error(node, self._full(key), "应为 true 或 false", "must be true or false")
        return bool(node.value.lower() in ("true", "yes", "on"))

    def integer(self, key: str, *, least: int, most: int) -> int | None:
        """A whole number in a range; None where the key is missing or says null."""
        node = self._values.get(key)
        if node is None or node.tag == _TAG + "null":
            return None
        digits = node.tag == _TAG + "int" and re.fullmatch(r"\d{1,9}", node.value)
        if not digits or not least <= int(node.value) <= most:
            zh, en = f"应为 {least} 至 {most} 的整数", f"must be a whole number from {least} to {most}"
            raise self.error(node, self._full(key), zh, en)
        return int(node.value)

    def section(self, key: str) -> "Section":
        """A mapping inside."""
        return Section(self.path, self._full(key), self._required(key), self.kind)

    def sections(self, key: str) -> Iterator["Section"]:
        """The mappings of a list."""
        for number, node in self._items(key):
            yield Section(self.path, f"{self._full(key)}[{number}]", node, self.kind)

    def finish(self, *known: str) -> None:
        """Complain of the first key that is not known here."""
        for key, node in self._keys.items():
            if key not in known:
                zh, en = f"不认识的键，可用：{'、'.join(known)}", f"unknown key; known are {', '.join(known)}"
                raise self.error(node, self._full(key), zh, en)

    def _full(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def _required(self, key: str) -> yaml.Node:
        if key not in self._values:
            raise self.error(self.node, self._full(key), "缺少此项", "is missing")
        return self._values[key]

    def _items(self, key: str) -> list[tuple[int, yaml.Node]]:
        node = self._required(key)
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.error(node, self._full(key), "应为非空列表", "must be a list that is not empty")
        return list(enumerate(node.value))

    def _text_of(self, node: yaml.Node, name: str, pattern: str, among: tuple[str, ...]) -> str:
        if node.tag != _TAG + "str" or not isinstance(node.value, str) or not node.value.strip():
            raise self.error(node, name, "应为文字；数字请加引号", "must be text; put quotes around digits")
        if node.value != node.value.strip():
            raise self.error(node, name, "首尾不得有空格", "must not begin or end with a blank")
        if pattern and not re.fullmatch(pattern, node.value, re.ASCII):
            zh, en = f"“{node.value}”的写法不对，应符合 {pattern}", f"“{node.value}” must match {pattern}"
            raise self.error(node, name, zh, en)
        if among and node.value not in among:
            zh = f"“{node.value}”不在可用值之中：{'、'.join(among)}"
            raise self.error(node, name, zh, f"“{node.value}” is none of {', '.join(among)}")
        return node.value
