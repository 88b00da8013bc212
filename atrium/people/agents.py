"""What a browser calls itself, made short enough to recognise it in a list."""

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def short_name(agent: str) -> str:
    """Return such as ``Firefox · Linux``; what is not recognised stays as it is."""
    return family(agent) or agent


def family(agent: str) -> str:
    """Return such as ``Firefox · Linux``, or nothing: never words that the asking side chose."""
    browser, system = _first(_BROWSERS, agent), _first(_SYSTEMS, agent)
    return " · ".join(part for part in (browser, system) if part)


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for mark, name in names if mark in agent), "")
