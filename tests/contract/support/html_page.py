"""Reading a page strictly: every element closed, every drawing XML, nothing asked for from outside."""

import html.parser
import xml.etree.ElementTree

VOID = {"meta", "br", "hr", "img", "link", "input"}
SVG = "{http://www.w3.org/2000/svg}"


class _Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.faults, self.elements, self.table_rows, self.text = [], [], [], [], []
        self._section = None

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "section":
            self._section = dict(attributes).get("id")
        if tag == "tr":
            self.table_rows.append((self._section, []))
        if tag in ("td", "th"):
            self.table_rows[-1][1].append("")

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:] or 'nothing'}, line {self.getpos()[0]}")
        else:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            return
        self.text.append(data)
        if ("td" in self.open or "th" in self.open) and "svg" not in self.open:
            self.table_rows[-1][1][-1] += data


class Page:
    """`rows`: (id of the section, texts of the cells) of each table row; `drawings`: the roots of all svg elements."""

    def __init__(self, text):
        reader = _Reader()
        reader.feed(text)
        reader.close()
        self.faults = reader.faults + [f"<{tag}> stays open" for tag in reader.open]
        self.elements, self.rows, self.words = reader.elements, reader.table_rows, "".join(reader.text)
        self.drawings = []
        for part in text.split("<svg")[1:]:
            drawing = "<svg" + part.split("</svg>")[0] + "</svg>"
            try:
                self.drawings.append(xml.etree.ElementTree.fromstring(drawing))
            except xml.etree.ElementTree.ParseError as error:
                self.faults.append(f"svg: {error}: {drawing[:200]}")
        self.faults += list(self._outside(text))

    def _outside(self, text):
        """What a browser would fetch or run."""
        for tag, attributes in self.elements:
            if tag in ("script", "link", "img", "iframe", "object", "embed", "image", "use"):
                yield f"<{tag}>"
            for name, value in attributes.items():
                if name.startswith("on") or name in ("src", "srcset", "action", "data"):
                    yield f'{tag} {name}="{value}"'
                if name.endswith("href") and not value.startswith("#"):
                    yield f'{tag} {name}="{value}"'
        for part in ("url(", "@import"):
            if part in text:
                yield part
        names = [attributes["id"] for _, attributes in self.elements if "id" in attributes]
        for _, attributes in self.elements:
            if attributes.get("href", "#") != "#" and attributes["href"][1:] not in names:
                yield f"nothing at {attributes['href']}"
        if len(names) != len(set(names)):
            yield "an id twice"

    def row(self, section, heading, nth=0):
        """The other cells of the nth row with this heading in a section; None when there is none."""
        found = [cells[1:] for place, cells in self.rows if place == section and cells and cells[0] == heading]
        return found[nth] if nth < len(found) else None
