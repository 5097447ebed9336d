"""Writes `.env.example` and the table of the docs from the settings themselves, pure."""

from __future__ import annotations

from collections.abc import Iterator

from butler.settings.fields import ANY, Setting, all_settings, key, variable

_NAMES = {
    "mail": "home",
    "calendar": "family",
    "contacts": "friends",
    "notes": "notes",
    "documents": "papers",
    "jobs": "briefing",
    "watch": "scans",
    "mcp": "recipes",
    "model": "attic",
    "web": "scanner",
}
_GROUPS = {
    "owner": "You",
    "mail": "Mail: as many accounts as you like; HOME is the name of this one, choose your own",
    "calendar": "Calendars and tasks: as many accounts as you like; FAMILY is the name of this one",
    "contacts": "Contacts: as many accounts as you like; FRIENDS is the name of this one",
    "notes": "Notes: as many folders as you like; NOTES is the name of this one",
    "documents": "Documents: as many folders as you like; PAPERS is the name of this one",
    "model": "The model: an Ollama server on your own hardware; ATTIC is the name of a further one",
    "briefing": "The briefing",
    "drafting": "What the butler prepares for you",
    "workflows": "Workflows and code of your own",
    "memory": "What you want remembered",
    "mcp": "Servers of your choice that speak MCP: as many as you like; RECIPES is the name of this one",
    "daemon": "How the daemon shares the machine",
    "schedule": "When things happen",
    "jobs": "Jobs: BRIEFING is the name of this one; docs/schedule.md lists those there are, and you may add others",
    "notices": "Notices: what you are told of, and where",
    "watch": "Folders that new documents come into; SCANS is the name of this one",
    "meetings": "Which events are prepared",
    "web": "Health, numbers and hooks on this machine; SCANNER is the name of this hook",
    "retention": "What is kept for how long",
    "sandbox": "The jail",
    "state_dir": "The butler's own folder",
}
_HEAD = """\
# Every setting of the butler with its default. Copy this file to .env, keep it to yourself (chmod 600 .env),
# and set what you need: remove the # in front of a line. An empty value counts as not set.
# The same settings can stand in butler.toml; docs/configuration.md says how.
"""


def env_example() -> str:
    """Write `.env.example`."""
    return "\n".join([_HEAD.rstrip("\n"), *_env_lines()]) + "\n"


def _env_lines() -> Iterator[str]:
    for group, settings in _grouped():
        yield f"\n# --- {_GROUPS[group]}"
        for setting in settings:
            yield f"\n# {setting.help}"
            yield f"#{variable(_named(setting))}={_env_default(setting)}"


def _env_default(setting: Setting) -> str:
    if isinstance(setting.default, tuple):
        return ",".join(setting.default)
    return setting.shown.strip('"')


def settings_table() -> str:
    """Write the table of all settings for the docs."""
    rows = ["| setting | default | what |", "|---|---|---|"]
    for _, settings in _grouped():
        for setting in settings:
            name = key("NAME" if part == ANY else part for part in setting.pattern)
            default = f"`{setting.shown}`" if setting.shown else ""
            rows.append(f"| `{name}` | {default} | {setting.help} |")
    return "\n".join(rows) + "\n"


def _named(setting: Setting) -> tuple[str, ...]:
    return tuple(_NAMES[setting.pattern[0]] if part == ANY else part for part in setting.pattern)


def _grouped() -> Iterator[tuple[str, list[Setting]]]:
    for group in _GROUPS:
        yield group, [setting for setting in all_settings() if setting.pattern[0] == group]
