"""The project as a tree of files; it follows what happens on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from graders.sentences import sentences
from mockexam.language.catalogue import shown
from mockexam.tui import tool_windows
from mockexam.tui.look import glyphs, theme
from mockexam.tui.look.handle import header

HIDDEN = frozenset({"__pycache__"})

# Thousands of pictures are no help in a tree, and each costs a node.
MOST_SHOWN = 200


@dataclass(frozen=True)
class Entry:
    """What a node stands for; `more` is the number of files left out."""

    path: Path
    folder: bool
    more: int = 0


class ProjectTree(Tree[Entry]):
    """Folders open on demand. Names that begin with a dot are the application's and are not shown."""

    ICON_NODE = "▸ "
    ICON_NODE_EXPANDED = "▾ "

    @dataclass
    class Opened(Message):
        """A file was chosen."""

        path: Path

    def __init__(self, root: Path) -> None:
        super().__init__(root.name, Entry(root, True), id="tree")
        self.folder = root
        self.show_guides = False
        self.guide_depth = 2
        self._stamps: dict[Path, int] = {}

    def fill(self, opened: set[Path] | None = None) -> None:
        """Read the root and the folders that are to be open."""
        self._read(self.root)
        self.root.expand()
        for node in list(self.root.children):
            self._open(node, opened or set())

    def _open(self, node: TreeNode[Entry], opened: set[Path]) -> None:
        if node.data is None or node.data.path not in opened:
            return
        node.expand()
        self._read(node)
        for child in list(node.children):
            self._open(child, opened)

    @property
    def opened(self) -> set[Path]:
        """The folders that are open, without the root."""
        return {node.data.path for node in self._folders(self.root) if node.data and node is not self.root}

    def _folders(self, node: TreeNode[Entry]) -> Iterator[TreeNode[Entry]]:
        if node.data is not None and node.data.folder and node.is_expanded:
            yield node
            for child in node.children:
                yield from self._folders(child)

    def _read(self, node: TreeNode[Entry]) -> None:
        """Fill a folder's node with what is on the disk, keeping the nodes that stay."""
        if node.data is None:
            return
        self._stamps[node.data.path] = _stamp(node.data.path)
        wanted = _entries(node.data.path)
        if [child.data for child in node.children] == wanted:
            return
        opened = self.opened
        line, data = self.cursor_line, self.cursor_node.data if self.cursor_node else None
        node.remove_children()
        for entry in wanted:
            more = sentences("{count} more file", "{count} more files", count=entry.more)
            name = shown(more) if entry.more else entry.path.name
            child = node.add(name, entry, allow_expand=entry.folder)
            self._open(child, opened)
        self._restore_cursor(data, line)

    def _restore_cursor(self, data: Entry | None, line: int) -> None:
        found = next((node for node in self._all_nodes(self.root) if node.data == data), None) if data else None
        # Set first, since nodes that were just added have no line until the lines are counted for it.
        self.cursor_line = line
        if found is not None:
            self.move_cursor(found)

    def _all_nodes(self, node: TreeNode[Entry]) -> Iterator[TreeNode[Entry]]:
        yield node
        for child in node.children:
            yield from self._all_nodes(child)

    def follow_disk(self) -> None:
        """Read again the open folders that changed."""
        for node in list(self._folders(self.root)):
            if node.data is not None and _stamp(node.data.path) != self._stamps.get(node.data.path):
                self._read(node)

    def reveal(self, path: Path) -> None:
        """Open the folders above a file and put the cursor on it."""
        if not path.is_relative_to(self.folder):
            return
        node = self.root
        for part in path.relative_to(self.folder).parts:
            if not node.is_expanded:
                node.expand()
            if not node.children:
                self._read(node)
            child = next((child for child in node.children if child.data and child.data.path.name == part), None)
            if child is None:
                return
            node = child
        self.call_after_refresh(self.move_cursor, node)

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Entry]) -> None:
        """Read a folder when it is opened."""
        event.stop()
        if event.node is not self.root:
            self._read(event.node)

    def on_tree_node_selected(self, event: Tree.NodeSelected[Entry]) -> None:
        """Open a file."""
        event.stop()
        entry = event.node.data
        if entry is not None and not entry.folder and not entry.more:
            self.post_message(self.Opened(entry.path))

    def render_label(self, node: TreeNode[Entry], base_style: Style, style: Style) -> Text:
        """Draw the sign and the name."""
        label = Text(str(node.label))
        label.stylize(style)
        entry = node.data
        if entry is None or entry.folder:
            drawn = self.ICON_NODE_EXPANDED if node.is_expanded else self.ICON_NODE
            icon = glyphs.sign(drawn, "folder ")
            colour = theme.colour(self.app, "text-soft")
        else:
            sign, name = glyphs.of_file(entry.path)
            icon, colour = f"{sign} ", theme.colour(self.app, name.removeprefix("$"))
        if node.is_root:
            label.stylize(Style(bold=True))
        return Text.assemble(Text(icon, base_style + Style(color=colour)), label)


class ProjectPanel(Vertical):
    """The Project window: a title and the tree."""

    def __init__(self, project: Path) -> None:
        super().__init__(id="project")
        self.files = ProjectTree(project)

    def compose(self) -> ComposeResult:
        """Title and tree."""
        yield header(tool_windows.find("project"))
        yield self.files


def _stamp(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _entries(folder: Path) -> list[Entry]:
    try:
        with os.scandir(folder) as found:
            names = [
                (not item.is_dir(), item.name.lower(), item.name)
                for item in found
                if not item.name.startswith(".") and item.name not in HIDDEN
            ]
    except OSError:
        return []
    names.sort()
    entries = [Entry(folder / name, not is_file) for is_file, _, name in names[:MOST_SHOWN]]
    if len(names) > MOST_SHOWN:
        entries.append(Entry(folder, False, len(names) - MOST_SHOWN))
    return entries
