"""Makes the same certificate over and over with ReportLab: `reportlab_peer.py FACTS.json COUNT`.

It makes no PDF/A and no tags; a TrueType font is embedded, and compressed.
"""

import io
import os

from certificates import measure
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


def make(facts):
    file = io.BytesIO()
    width, height = landscape(A4)
    canvas = Canvas(file, pagesize=(width, height), pageCompression=1, lang="fr")
    canvas.setTitle(facts["course"])
    top = height - 60

    def line(text, size, gap):
        nonlocal top
        canvas.setFont("Text", size)
        canvas.drawCentredString(width / 2, top, text)
        top -= gap

    organisation = facts["organisation"]
    line("Attestation de réussite", 24, 34)
    line(f"{organisation['name']} atteste que", 11, 28)
    line(facts["person"], 20, 24)
    line(f"({facts['employer']}) a suivi avec succès la formation", 11, 24)
    line(facts["course"], 16, 22)
    hours, minutes = divmod(facts["minutes"], 60)
    line(f"du {facts['started']} au {facts['completed']}, {hours} h {minutes:02} min", 11, 20)
    for activity in facts["activities"]:
        line(f"{activity['title']}    {activity['minutes']} min", 11, 15)
    for result in facts["results"]:
        line(f"{result['title']}    {result['mark']} / {result['out_of']}", 11, 15)
    for objective in facts["objectives"]:
        line(f"• {objective}", 11, 15)
    line(f"Fait à {organisation['place']}, le {facts['issued']}. "
         f"{organisation['representative']}, {organisation['capacity']}", 11, 20)
    drawing = Drawing(74, 74)
    drawing.add(QrCodeWidget(facts["verification_url"], barLevel="M", barWidth=74, barHeight=74))
    renderPDF.draw(drawing, canvas, width / 2 - 37, top - 74)
    top -= 88
    line(facts["code"], 9, 12)
    line(facts["verification_url"], 9, 12)
    canvas.save()
    return file.getvalue()


if __name__ == "__main__":
    name = FONT if os.path.exists(FONT) else "DejaVuSans.ttf"
    pdfmetrics.registerFont(TTFont("Text", name))
    measure(make)
