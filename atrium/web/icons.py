"""Our own small set of simple strokes on a 24 by 24 grid, drawn by the server."""

STROKES: dict[str, str] = {
    "atrium": "M4 20V9l8-5 8 5v11M9 20v-6a3 3 0 0 1 6 0v6",
    "home": "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
    "chat": "M4 5h16v11H9l-5 4z",
    "library": "M5 4h10l4 4v12H5zM15 4v4h4",
    "file": "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
    "folder": "M3 6h6l2 2h10v11H3z",
    "studio": "M4 4h16v16H4zM4 15l5-5 6 6M14 13l2-2 4 4",
    "image": "M4 5h16v14H4zM4 16l5-5 5 5 3-3 3 3M15 9.5h.01",
    "channels": "M4 6h16v12H4zM10 9l5 3-5 3z",
    "messages": "M3 6h18v12H3zM3 7l9 6 9-6",
    "translate": "M4 6h9M8.5 4v2M11 6c-1 4-4 7-7 8M6 9c1 3 4 5 6 6M12 20l4-10 4 10M13.5 17h5",
    "community": (
        "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 20c0-4 3-6 6-6s6 2 6 6"
        "M16 11a3 3 0 1 0 0-6M17 14c3 0 5 2 5 6"
    ),
    "person": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-5 4-7 8-7s8 2 8 7",
    "wallet": "M4 7h15v12H4zM4 7l11-3v3M15 12h4v3h-4z",
    "coin": "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 8v8M9.5 10h4a1.5 1.5 0 0 1 0 3h-3",
    "bell": "M6 17V11a6 6 0 0 1 12 0v6l1.5 2h-15zM10 21h4",
    "key": "M8 16a4 4 0 1 1 3.5-6H21v4h-3v3h-3v-3h-3.5A4 4 0 0 1 8 16zM8 12h.01",
    "settings": (
        "M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM12 3v3M12 18v3M3 12h3M18 12h3"
        "M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M18.4 5.6l-2.1 2.1M7.7 16.3l-2.1 2.1"
    ),
    "console": "M4 5h16v14H4zM7 9l3 3-3 3M12 15h5",
    "search": "M11 17a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM15.5 15.5L20 20",
    "plus": "M12 5v14M5 12h14",
    "minus": "M5 12h14",
    "close": "M6 6l12 12M18 6L6 18",
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "more": "M6 12h.01M12 12h.01M18 12h.01",
    "menu": "M5 7h14M5 12h14M5 17h14",
    "send": "M5 12l14-7-5 15-3-6z",
    "stop": "M7 7h10v10H7z",
    "pause": "M8 6v12M16 6v12",
    "play": "M8 5l11 7-11 7z",
    "retry": "M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5",
    "attach": (
        "M19 11l-7.5 7.5a4.5 4.5 0 0 1-6.4-6.4L13 4.2a3 3 0 0 1 4.3 4.3l-7.6 7.6"
        "a1.5 1.5 0 0 1-2.2-2.2L14 7.5"
    ),
    "upload": "M12 16V5M7.5 9L12 4.5 16.5 9M5 16v4h14v-4",
    "download": "M12 5v11M7.5 12l4.5 4.5 4.5-4.5M5 17v3h14v-3",
    "copy": "M9 9h11v11H9zM5 15H4V4h11v1",
    "edit": "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
    "trash": "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
    "share": "M12 15V4M8.5 7.5L12 4l3.5 3.5M6 11H5v9h14v-9h-1",
    "link": (
        "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1"
    ),
    "lock": "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    "eye": (
        "M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z"
    ),
    "clock": "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 8v4.5l3 2",
    "receipt": "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6",
    "speaker": "M4 10v4h4l5 4V6l-5 4zM16 9c1.5 2 1.5 4 0 6M18.5 7c3 3 3 7 0 10",
    "microphone": "M9 5a3 3 0 0 1 6 0v6a3 3 0 0 1-6 0zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21",
    "spark": "M12 3l2 6 6 3-6 3-2 6-2-6-6-3 6-3z",
    "info": "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 11v5M12 8h.01",
    "warning": "M12 4l9 16H3zM12 10v5M12 17.5h.01",
    "sun": (
        "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2"
        "M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4"
    ),
    "moon": "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
    "device": "M3 5h18v11H3zM9 20h6M12 16v4",
    "globe": "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM4 12h16M12 4c3 3 3 13 0 16M12 4c-3 3-3 13 0 16",
    "sign_in": "M13 4h6v16h-6M4 12h10M10.5 8.5L14 12l-3.5 3.5",
    "sign_out": "M11 4H5v16h6M10 12h10M16.5 8.5L20 12l-3.5 3.5",
    "back": "M19 12H5M10.5 6.5L5 12l5.5 5.5",
    "forward": "M5 12h14M13.5 6.5L19 12l-5.5 5.5",
    "down": "M6 9.5l6 6 6-6",
    "star": "M12 4l2.5 5.2 5.5.8-4 4 1 5.7-5-2.7-5 2.7 1-5.7-4-4 5.5-.8z",
    "flag": "M6 21V4h12l-3 4.5L18 13H6",
    "list": "M9 7h11M9 12h11M9 17h11M4.5 7h.01M4.5 12h.01M4.5 17h.01",
    "chart": "M4 20h16M7 16v-5M12 16V6M17 16v-8",
    "pin": "M9 4h6l-1 7 3 3H7l3-3zM12 14v6",
    "branch": "M7 4v16M7 12c6 0 10-1 10-6M17 6h.01M7 20h.01",
}
MIRRORED = frozenset({"back", "forward", "sign_in", "sign_out", "send", "list"})
"""Those that point along the line of reading, and turn with it."""
