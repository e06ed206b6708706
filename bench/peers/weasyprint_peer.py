"""Makes the same certificate over and over with WeasyPrint: `weasyprint_peer.py FACTS.json COUNT`."""

import html

from certificates import measure
from reportlab.graphics import renderSVG
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

FONTS = FontConfiguration()

PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{course}</title><style>
@page {{ size: A4 landscape; margin: 18mm }} body {{ font: 11pt "DejaVu Sans"; text-align: center }}
h1 {{ font-size: 24pt }} .person {{ font-size: 20pt }} table {{ margin: 4mm auto; text-align: left }}
.qr {{ width: 26mm; height: 26mm }} .code {{ font-size: 9pt }}
</style></head><body><h1>Attestation de réussite</h1><p>{organisation} atteste que</p>
<p class="person">{person}</p><p>({employer}) a suivi avec succès la formation</p><h2>{course}</h2>
<p>du {started} au {completed}, {hours} h {minutes:02} min</p><table>{rows}</table><ul>{objectives}</ul>
<p>Fait à {place}, le {issued}. {representative}, {capacity}</p>
<img class="qr" alt="{url}" src="data:image/svg+xml;utf8,{qr}"><p class="code">{code}<br>{url}</p>
</body></html>"""


def qr(url):
    widget = QrCodeWidget(url, barLevel="M")
    drawing = Drawing(80, 80)
    drawing.add(widget)
    svg = renderSVG.drawToString(drawing)
    return svg[svg.index("<svg") :].replace("#", "%23").replace('"', "'").replace("\n", " ")


def make(facts):
    text = {key: html.escape(value) for key, value in facts.items() if isinstance(value, str)}
    rows = [(activity["title"], f"{activity['minutes']} min") for activity in facts["activities"]]
    rows += [(result["title"], f"{result['mark']} / {result['out_of']}") for result in facts["results"]]
    cells = (f"<tr><td>{html.escape(name)}</td><td>{html.escape(value)}</td></tr>" for name, value in rows)
    organisation = {key: html.escape(str(value)) for key, value in facts["organisation"].items()}
    return HTML(
        string=PAGE.format(
            **{**text, **organisation},
            organisation=organisation["name"],
            hours=facts["minutes"] // 60,
            minutes=facts["minutes"] % 60,
            rows="".join(cells),
            objectives="".join(f"<li>{html.escape(line)}</li>" for line in facts["objectives"]),
            url=html.escape(facts["verification_url"]),
            qr=qr(facts["verification_url"]),
        )
    ).write_pdf(pdf_variant="pdf/a-3u", pdf_tags=True, font_config=FONTS)


if __name__ == "__main__":
    measure(make)
