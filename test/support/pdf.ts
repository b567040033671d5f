import PDFDocument from 'pdfkit'

/** A black dot, as PNG. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
)

/** What a page shows: lines of text, with tabs between what stands in columns, a picture, or both. */
export interface PageContent {
  text?: string
  image?: boolean
}

/** A PDF with these pages. */
export function pdf(
  pages: readonly (string | PageContent)[],
  options: PDFKit.PDFDocumentOptions = {},
): Promise<Buffer> {
  const document = new PDFDocument({ autoFirstPage: false, ...options })
  for (const page of pages) {
    const { text = '', image = false } = typeof page === 'string' ? { text: page } : page
    document.addPage({ margin: 50 })
    if (image) document.image(DOT, 50, 300, { width: 400 })
    let y = 50
    for (const line of text === '' ? [] : text.split('\n')) {
      for (const [column, cell] of line.split('\t').entries())
        document.text(cell, 50 + 150 * column, y, { lineBreak: false })
      y += 16
    }
  }
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    document.on('data', (part: Buffer) => parts.push(part))
    document.on('error', reject).on('end', () => resolve(Buffer.concat(parts)))
    document.end()
  })
}

/**
 * A PDF written by hand: these objects, counted from 1, of which the first is the catalog. A stream's bytes are given as
 * the second of a pair, and its length is written for it.
 */
export function rawPdf(objects: readonly (string | [dictionary: string, stream: Buffer])[]): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')]
  const offsets: number[] = []
  const size = () => parts.reduce((sum, part) => sum + part.length, 0)
  for (const [index, object] of objects.entries()) {
    offsets.push(size())
    const [dictionary, stream] = typeof object === 'string' ? [object, undefined] : object
    parts.push(Buffer.from(`${index + 1} 0 obj\n`))
    if (stream) {
      parts.push(Buffer.from(dictionary.replace(/>>$/, `/Length ${stream.length}>>\nstream\n`)))
      parts.push(stream, Buffer.from('\nendstream'))
    } else parts.push(Buffer.from(dictionary, 'latin1'))
    parts.push(Buffer.from('\nendobj\n'))
  }
  const xref = size()
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`)
  parts.push(
    Buffer.from(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows.join('')}`),
    Buffer.from(`trailer\n<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${xref}\n%%EOF\n`),
  )
  return Buffer.concat(parts)
}

/** A one-page PDF whose page has this content stream and this font, both as `rawPdf` takes objects. */
export function rawPage(
  content: [dictionary: string, stream: Buffer],
  font: readonly (string | [string, Buffer])[] = ['<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>'],
): Buffer {
  return rawPdf([
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    content,
    ...font,
  ])
}
