"""A letter as DOCX, to be edited, printed and signed. The same letter gives the same bytes.

Word and LibreOffice bring their own fonts; each script gets one that both have. The archive inside is stored, not
compressed, and dated 1980: how a library compresses is no part of the letter.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bongsu.respond.paper import DENSE, Fields, Heading, Para, Table, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from bongsu.respond.paper import Block, Letter, Span, Text

_FONTS = {"en": "Malgun Gothic", "ko": "Malgun Gothic", "ja": "Yu Gothic"}
_LATIN = {"en": "Arial", "ko": "Malgun Gothic", "ja": "Yu Gothic"}
_LOCALES = {"en": "en-GB", "ko": "ko-KR", "ja": "ja-JP"}
_MONO = "Courier New"
_HANG = 200
_LINE = 9411
"""Width of a line on A4 between margins of 22 mm, in twentieths of a point."""
_USED = {"Normal", "DefaultParagraphFont", "TableNormal", "TableGrid", "Header", "Footer", "HeaderChar", "FooterChar"}
_UNUSED = {"stylesWithEffects", "thumbnail", "customXml", "numbering", "webSettings"}
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def render(letter: Letter) -> bytes:
    """Return the letter as DOCX."""
    return _Setter(letter).set()


class _Setter:
    def __init__(self, letter: Letter) -> None:
        import docx
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        self._letter = letter
        self._document = docx.Document()
        self._element: Callable[[str], Any] = OxmlElement
        self._name: Callable[[str], str] = qn

    def set(self) -> bytes:
        self._page()
        self._properties(self._letter.dated)
        body = self._document.element.body
        end = body[-1]  # the section's own properties stand last
        for block in self._letter.blocks:
            for element in self._block(block):
                end.addprevious(element)
        target = io.BytesIO()
        self._drop_parts()
        self._document.save(target)
        return _stored(target.getvalue())

    # -- the page ------------------------------------------------------------------------------------------------------

    def _page(self) -> None:
        from docx.shared import Mm, Pt

        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(22)
        section.top_margin, section.bottom_margin = Mm(24), Mm(22)
        language = self._letter.language
        self._drop_styles()
        style = self._document.styles["Normal"]
        style.font.size = Pt(10)
        style.font.name = _LATIN[language]
        style.paragraph_format.space_after = Pt(4)
        properties = style.element.get_or_add_rPr()
        properties.rFonts.set(self._name("w:eastAsia"), _FONTS[language])
        properties.append(self._with("w:lang", {"val": _LOCALES["en"], "eastAsia": _LOCALES[language]}))
        section.header.paragraphs[0].add_run(_clean(self._letter.running)).font.size = Pt(8)
        self._numbers(section.footer.paragraphs[0])

    def _drop_styles(self) -> None:
        """Leave only the styles that are used: the rest is nine tenths of a file."""
        styles = self._document.styles.element
        for style in list(styles.iterchildren(self._name("w:style"))):
            if style.get(self._name("w:styleId")) not in _USED:
                styles.remove(style)

    def _drop_parts(self) -> None:
        """Leave out what the template brings and no letter uses: a second set of styles, a picture, form data."""
        package = self._document.part.package
        for holder in (self._document.part, package):
            for key, relation in list(holder.rels.items()):
                if relation.reltype.rpartition("/")[2] in _UNUSED:
                    del holder.rels[key]

    def _numbers(self, paragraph: Any) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for part in re.split(r"(\{pages?\})", self._letter.page):
            run = paragraph.add_run("" if part.startswith("{") else part)
            run.font.size = Pt(8)
            if part.startswith("{"):
                field = self._with("w:fldSimple", {"instr": "PAGE" if part == "{page}" else "NUMPAGES"})
                field.append(run._r)  # noqa: SLF001 - python-docx has no fields
                run.text = "1"
                paragraph._p.append(field)  # noqa: SLF001

    def _properties(self, dated: date | None) -> None:
        core = self._document.core_properties
        core.title, core.language, core.author, core.comments = (
            _clean(self._letter.title)[:250],
            self._letter.language,
            "",
            "",
        )
        core.created = core.modified = datetime(
            *(dated or datetime(1980, 1, 1, tzinfo=UTC)).timetuple()[:3], tzinfo=UTC
        )
        core.last_modified_by, core.revision = "", 1

    # -- blocks --------------------------------------------------------------------------------------------------------

    def _block(self, block: Block) -> Iterable[Any]:
        if isinstance(block, Heading):
            yield self._paragraph((), heading=block.text)
        elif isinstance(block, Fields):
            yield self._grid(
                [(self._cell(label, strong=True), text) for label, text in block.rows], (18, 82), borders=False
            )
            yield self._paragraph(())
        elif isinstance(block, Table) and len(block.rows) > DENSE:
            yield self._paragraph((), heading="  |  ".join(block.head), size=8)
            for row in block.rows:
                yield self._dense("  |  ".join(_clean(plain(cell)) for cell in row))
        elif isinstance(block, Table):
            head = tuple(self._cell(name, strong=True) for name in block.head)
            yield self._grid([head, *block.rows], block.widths, borders=True)
            yield self._paragraph(())
        elif isinstance(block, Para):
            yield self._para(block)

    def _para(self, block: Para) -> Any:
        indent = {"bullet": 227, "sub": 454, "list": 227}.get(block.style, 0)
        align = {"title": "center", "centre": "center", "banner": "center", "right": "right"}.get(block.style, "")
        text = (self._cell("\N{EN DASH} ")[0], *block.text) if block.style == "bullet" else block.text
        size = {"title": 12, "sub": 9, "notice": 9}.get(block.style, 0)
        return self._paragraph(
            text,
            align=align,
            indent=indent,
            hang=block.style == "bullet",
            size=size,
            strong=block.style == "title",
            box=block.style == "banner",
            shade=block.style == "notice",
        )

    @staticmethod
    def _cell(text: str, *, strong: bool = False) -> Text:
        from bongsu.respond.paper import Span

        return (Span(text, "strong" if strong else ""),)

    def _dense(self, text: str) -> Any:
        paragraph, run = self._element("w:p"), self._element("w:r")
        properties = self._element("w:pPr")
        properties.append(self._with("w:spacing", {"after": "0"}))
        paragraph.append(properties)
        run.append(self._run_properties("code", 6.5, strong=False))
        run.append(self._text(text))
        paragraph.append(run)
        return paragraph

    def _paragraph(
        self,
        text: Text,
        *,
        heading: str = "",
        align: str = "",
        indent: int = 0,
        hang: bool = False,
        size: float = 0,
        strong: bool = False,
        box: bool = False,
        shade: bool = False,
    ) -> Any:
        paragraph, properties = self._element("w:p"), self._element("w:pPr")
        if heading:
            properties.append(self._element("w:keepNext"))
            text, size, strong = self._cell(heading), size or 11, True
        if box:
            border = self._element("w:pBdr")
            for side in ("top", "left", "bottom", "right"):
                border.append(self._with(f"w:{side}", {"val": "single", "sz": "6", "space": "4", "color": "auto"}))
            properties.append(border)
        if shade:
            properties.append(self._with("w:shd", {"val": "clear", "color": "auto", "fill": "EDEDED"}))
        if heading:
            properties.append(self._with("w:spacing", {"before": "160"}))
        if indent:
            hanging = {"hanging": str(_HANG)} if hang else {}
            properties.append(self._with("w:ind", {"left": str(indent + (_HANG if hang else 0)), **hanging}))
        if align:
            properties.append(self._with("w:jc", {"val": align}))
        paragraph.append(properties)
        for span in text:
            paragraph.append(self._run(span, size, strong=strong))
        return paragraph

    def _run(self, span: Span, size: float, *, strong: bool) -> Any:
        run = self._element("w:r")
        run.append(self._run_properties(span.kind, size, strong=strong))
        run.append(self._text(span.text))
        return run

    def _run_properties(self, kind: str, size: float, *, strong: bool) -> Any:
        properties = self._element("w:rPr")
        if kind == "code":
            properties.append(self._with("w:rFonts", {"ascii": _MONO, "hAnsi": _MONO, "cs": _MONO}))
        if strong or kind == "strong":
            properties.append(self._element("w:b"))
        if size or kind == "code":
            properties.append(self._with("w:sz", {"val": str(round(2 * (size or 8.5)))}))
        if kind == "blank":
            properties.append(self._with("w:highlight", {"val": "yellow"}))
        return properties

    def _text(self, text: str) -> Any:
        element = self._with("w:t", {})
        element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        element.text = _clean(text)
        return element

    def _grid(self, rows: Iterable[tuple[Text, ...]], widths: tuple[int, ...], *, borders: bool) -> Any:
        table, properties = self._element("w:tbl"), self._element("w:tblPr")
        if borders:
            properties.append(self._with("w:tblStyle", {"val": "TableGrid"}))
        properties.append(self._with("w:tblW", {"w": str(_LINE), "type": "dxa"}))
        properties.append(self._with("w:tblLayout", {"type": "fixed"}))
        table.append(properties)
        columns = [str(_LINE * width // 100) for width in widths]
        grid = self._element("w:tblGrid")
        for column in columns:
            grid.append(self._with("w:gridCol", {"w": column}))
        table.append(grid)
        for n, row in enumerate(rows):
            line = self._element("w:tr")
            header = self._element("w:trPr")
            header.append(self._element("w:cantSplit"))
            if borders and n == 0:
                header.append(self._element("w:tblHeader"))
            line.append(header)
            for column, text in zip(columns, row, strict=True):
                cell, size = self._element("w:tc"), self._element("w:tcPr")
                size.append(self._with("w:tcW", {"w": column, "type": "dxa"}))
                cell.append(size)
                cell.append(self._paragraph(text, size=8 if borders else 0))
                line.append(cell)
            table.append(line)
        return table

    def _with(self, tag: str, attributes: dict[str, str]) -> Any:
        element = self._element(tag)
        for name, value in attributes.items():
            element.set(self._name(f"w:{name}"), value)
        return element


def _clean(text: str) -> str:
    """Leave out what XML cannot hold."""
    return _NOT_XML.sub("", text)


def _stored(data: bytes) -> bytes:
    """Return an archive with the same files, uncompressed and undated."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3
            new.writestr(entry, old.read(name))
    return target.getvalue()
