"""Optional files that let PyCharm and VS Code run and submit the problems of a project.

Two Pythons are told apart: *Submit and Test* always uses mockexam's own, *Run* the one that was chosen for programs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import msgspec

from graders.sentences import sentence


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """How editors run the candidate's programs: with which Python, and with which variables in each category.

    `first` are folders that come first in PATH. Values that name the folder `project` are written so that it may move.
    """

    name: str
    executable: str
    project: str
    first: tuple[str, ...] = ()
    variables: dict[int, dict[str, str]] = {}

    def environment(self, category: int, project: str, path: str) -> dict[str, str]:
        """The variables as an editor writes them: `project` and `path` are how it names its folder and the old PATH."""
        named = {name: value.replace(self.project, project) for name, value in self.variables.get(category, {}).items()}
        return named | ({"PATH": os.pathsep.join((*self.first, path))} if self.first else {})


def editor_files(
    categories: Sequence[int], interpreter: str, home: Path | None, launch: Launch | None = None
) -> dict[str, str]:
    """Path within the project → content. `interpreter` is the Python that has this program.

    `home` is the value of MOCKEXAM_HOME, or None: editors are seldom started where it is set, and must find the same
    exam. Without a `launch` programs run plainly in the same Python: so a project begins, and so it travels.
    """
    environment = {"MOCKEXAM_HOME": str(home)} if home is not None else {}
    bridges = _pycharm(categories, interpreter, environment, launch)
    return bridges | _vscode(categories, interpreter, environment, launch)


def _pycharm(
    categories: Sequence[int], interpreter: str, environment: dict[str, str], launch: Launch | None
) -> dict[str, str]:
    files = {
        ".idea/.gitignore": "workspace.xml\n",
        ".idea/mockexam.iml": _IML.format(excluded=_excluded(categories)),
        ".idea/modules.xml": _MODULES,
        # External tools belong to the IDE, not to a project: this one waits to be copied to its `tools` folder.
        ".mockexam/editors/pycharm/tools/External Tools.xml": _external_tool(interpreter, environment),
    }
    for category in categories:
        starter = f"$PROJECT_DIR$/Category{category}/starter.py"
        # A debugger needs the Python itself, so `mockexam run` can't stand here.
        python = launch.executable if launch else interpreter
        variables = environment | launch.environment(category, "$PROJECT_DIR$", "$PATH$") if launch else {}
        run = _configuration(f"Category{category}", python, starter, "", variables)
        parameters = f"submit {category}"  # untranslated: a command
        title = sentence("Submit and Test {category}", category=category).english
        submit = _configuration(title, interpreter, "mockexam", parameters, environment)
        files[f".idea/runConfigurations/Category{category}.xml"] = run
        files[f".idea/runConfigurations/Submit_and_Test_{category}.xml"] = submit
    return files


def _excluded(categories: Sequence[int]) -> str:
    folders = [".mockexam", *(f"Category{category}/data" for category in categories)]
    return "\n".join(f'      <excludeFolder url="file://$MODULE_DIR$/{folder}" />' for folder in folders)


def _external_tool(interpreter: str, environment: dict[str, str]) -> str:
    """The XML of an external tool; PyCharm can't set the environment of one, so `env` does."""
    submit = "-m mockexam submit $FileDirName$"  # untranslated: a command
    title = escape(sentence("Submit and Test").english)
    description = escape(sentence("Test the model of the open problem").english)
    if not environment:
        return _TOOLS.format(title=title, description=description, command=escape(interpreter), parameters=submit)
    words = [*(f"{name}={value}" for name, value in environment.items()), interpreter]
    quoted = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    parameters = escape(f"{quoted} {submit}")
    return _TOOLS.format(title=title, description=description, command="/usr/bin/env", parameters=parameters)


def _configuration(name: str, interpreter: str, program: str, parameters: str, environment: dict[str, str]) -> str:
    """A PyCharm run configuration; a program that isn't a path is a module."""
    module = "/" not in program
    folder = "$PROJECT_DIR$" if module else program.rpartition("/")[0]
    return _RUN.format(
        name=escape(name),
        folder=escape(folder),
        python=escape(interpreter),
        program=escape(program),
        parameters=escape(parameters),
        module=str(module).lower(),
        environment="".join(
            f'\n      <env name="{variable}" value="{escape(value)}" />'
            for variable, value in environment.items()
            if variable != "PYTHONUNBUFFERED"
        ),
    )


def _vscode(
    categories: Sequence[int], interpreter: str, environment: dict[str, str], launch: Launch | None
) -> dict[str, str]:
    tasks = [
        task
        for category in categories
        for task in _tasks(category, interpreter, environment, through_us=launch is not None)
    ]
    settings = {
        "python.defaultInterpreterPath": launch.executable if launch else interpreter,
        "files.exclude": {"**/.mockexam": True, "**/.idea": True, "**/__pycache__": True},
        "files.watcherExclude": {"**/data/**": True, "**/.mockexam/**": True},
        "search.exclude": {"**/data": True},
        "python.analysis.exclude": ["**/data", ".mockexam"],
    }
    files = {
        ".vscode/tasks.json": json.dumps({"version": "2.0.0", "tasks": tasks}, indent=2) + "\n",
        ".vscode/settings.json": json.dumps(settings, indent=2) + "\n",
    }
    if launch:
        debugging = [_debugging(category, environment, launch) for category in categories]
        text = json.dumps({"version": "0.2.0", "configurations": debugging}, indent=2)
        files[".vscode/launch.json"] = text + "\n"
    return files


def _debugging(category: int, environment: dict[str, str], launch: Launch) -> dict[str, Any]:
    folder = f"${{workspaceFolder}}/Category{category}"
    return {
        "name": f"Category{category}",
        "type": "debugpy",
        "request": "launch",
        "program": f"{folder}/starter.py",
        "cwd": folder,
        "python": launch.executable,
        "env": environment | launch.environment(category, "${workspaceFolder}", "${env:PATH}"),
        "console": "integratedTerminal",
    }


def _tasks(
    category: int, interpreter: str, environment: dict[str, str], *, through_us: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    folder = f"Category{category}"
    # Settings of both kinds of task: a terminal of their own, so that one may train while another submits.
    common: dict[str, Any] = {
        "type": "process",
        "command": interpreter,
        "problemMatcher": [],
        "presentation": {"panel": "dedicated", "reveal": "always"},
    }
    ours = {"cwd": "${workspaceFolder}"} | ({"env": environment} if environment else {})
    run = {
        "label": sentence("Run {folder}", folder=folder).english,
        **common,
        "args": ["-m", "mockexam", "run", str(category)] if through_us else ["starter.py"],
        "options": ours if through_us else {"cwd": f"${{workspaceFolder}}/{folder}"},
        "group": "build",
    }
    submit = {
        "label": sentence("Submit and Test {folder}", folder=folder).english,
        **common,
        "args": ["-m", "mockexam", "submit", str(category)],
        "options": ours,
        "group": "test",
    }
    return run, submit


_IML = """<?xml version="1.0" encoding="UTF-8"?>
<module type="PYTHON_MODULE" version="4">
  <component name="NewModuleRootManager">
    <content url="file://$MODULE_DIR$">
{excluded}
    </content>
    <orderEntry type="inheritedJdk" />
    <orderEntry type="sourceFolder" forTests="false" />
  </component>
</module>
"""

_MODULES = """<?xml version="1.0" encoding="UTF-8"?>
<project version="4">
  <component name="ProjectModuleManager">
    <modules>
      <module fileurl="file://$PROJECT_DIR$/.idea/mockexam.iml" filepath="$PROJECT_DIR$/.idea/mockexam.iml" />
    </modules>
  </component>
</project>
"""

_RUN = """<component name="ProjectRunConfigurationManager">
  <configuration default="false" name="{name}" type="PythonConfigurationType" factoryName="Python">
    <module name="mockexam" />
    <option name="INTERPRETER_OPTIONS" value="" />
    <option name="PARENT_ENVS" value="true" />
    <envs>
      <env name="PYTHONUNBUFFERED" value="1" />{environment}
    </envs>
    <option name="SDK_HOME" value="{python}" />
    <option name="WORKING_DIRECTORY" value="{folder}" />
    <option name="IS_MODULE_SDK" value="false" />
    <option name="ADD_CONTENT_ROOTS" value="false" />
    <option name="ADD_SOURCE_ROOTS" value="false" />
    <option name="SCRIPT_NAME" value="{program}" />
    <option name="PARAMETERS" value="{parameters}" />
    <option name="SHOW_COMMAND_LINE" value="false" />
    <option name="EMULATE_TERMINAL" value="true" />
    <option name="MODULE_MODE" value="{module}" />
    <option name="REDIRECT_INPUT" value="false" />
    <option name="INPUT_FILE" value="" />
    <method v="2" />
  </configuration>
</component>
"""

# untranslated: a program reads it
_TOOLS = """<toolSet name="External Tools">
  <tool name="{title}" description="{description}" disabled="false" useConsole="true"
        showInMainMenu="true" showInEditor="true" showInProject="true" showInSearchPopup="true"
        showConsoleOnStdOut="true" showConsoleOnStdErr="true" synchronizeAfterRun="true">
    <exec>
      <option name="COMMAND" value="{command}" />
      <option name="PARAMETERS" value="{parameters}" />
      <option name="WORKING_DIRECTORY" value="$ProjectFileDir$" />
    </exec>
  </tool>
</toolSet>
"""
