# Distributed under the Boost Software License, Version 1.0.
# Bar charts as SVG.
from html import escape

ROW, LABEL, WIDTH, NUMBER = 24, 110, 420, 90
OURS, OTHERS, FLOOR = "#2563eb", "#94a3b8", "#475569"


def bars(title, rows, unit, path):
    """Draw `rows` of (name, value, note), the shortest first; what has no value is left out."""
    rows = sorted((r for r in rows if r[1] is not None), key=lambda r: r[1])
    if not rows:
        return
    most = max(value for _, value, _ in rows) or 1
    height = 34 + ROW * len(rows) + 8
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABEL + WIDTH + NUMBER}" height="{height}" '
             f'font-family="sans-serif" font-size="13">',
             f'<rect width="100%" height="100%" fill="#ffffff"/>',
             f'<text x="8" y="20" font-weight="bold" fill="#111827">{escape(title)}</text>']
    for i, (name, value, note) in enumerate(rows):
        y, length = 34 + ROW * i, max(1.0, WIDTH * value / most)
        colour = {"epollhost": OURS, "floor": FLOOR}.get(name, OTHERS)
        parts += [f'<text x="{LABEL - 6}" y="{y + 15}" text-anchor="end" fill="#111827">{escape(name)}</text>',
                  f'<rect x="{LABEL}" y="{y + 3}" width="{length:.1f}" height="{ROW - 7}" fill="{colour}"/>',
                  f'<text x="{LABEL + length + 5:.1f}" y="{y + 15}" fill="#111827">{value:,.3g} {escape(unit)}'
                  f'{escape(note)}</text>' if value < 1000 else
                  f'<text x="{LABEL + length + 5:.1f}" y="{y + 15}" fill="#111827">{value:,.0f} {escape(unit)}'
                  f'{escape(note)}</text>']
    path.write_text("\n".join(parts) + "\n</svg>\n")
