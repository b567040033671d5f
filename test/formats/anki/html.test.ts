import { describe, expect, test } from 'vitest'
import { htmlToText } from '../../../src/formats/anki/html.ts'

const text = (html: string) => htmlToText(html)?.text

test.each([
  ['plain words', 'plain words'],
  ['  spaces \n and   lines ', 'spaces and lines'],
  ['a<br>b<br/>c', 'a\nb\nc'],
  ['a<div>b</div><div>c</div>', 'a\nb\nc'],
  // as Anki's editor writes an empty line
  ['a<div><br></div><div>b</div>', 'a\n\nb'],
  ['<p>one</p>\n<p>two</p>', 'one\ntwo'],
  ['a<br><br><br><br>b', 'a\n\nb'],
  ['<ul><li>one</li><li>two <b>bold</b></li></ul>after', '- one\n- two bold\nafter'],
  ['<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>', 'a\tb\n1\t2'],
  ['<b>bo</b>ld <i>it</i>', 'bold it'],
  ['a <b> b </b> c', 'a b c'],
  ['&lt;b&gt; &amp; &quot;x&quot; &nbsp;&eacute; &#x1F600; &unknown;', '<b> & "x"  é 😀 &unknown;'],
  ['&nbsp;', ''],
  ['<style>.x { color: red }</style>seen<script>alert(1)</script><!-- never -->', 'seen'],
  ['<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>です', '漢字(かんじ)です'],
  ['10<sup>-3</sup> m<sup>2</sup>, the 1<sup>st</sup>, H<sub>2</sub>O', '10⁻³ m², the 1st, H2O'],
  ['\\(a &lt; b\\) and [$]x^2[/$] and [latex]y[/latex]', '\\(a < b\\) and [$]x^2[/$] and [latex]y[/latex]'],
  ['listen [sound:dog.mp3]', 'listen [sound:dog.mp3]'],
  ['<pre>for x:\n    print(x)\n</pre>', 'for x:\n    print(x)'],
  ['<a href="https://example.org">a link</a>', 'a link'],
  ['never <closed <b>bold', 'never bold'],
  ['1 < 2 and 3 > 2', '1 < 2 and 3 > 2'],
  ['', ''],
])('%j reads %j', (html, expected) => {
  expect(text(html)).toBe(expected)
})

describe('pictures', () => {
  test('are named with what describes them', () => {
    expect(htmlToText('see <img src="a.png" alt="a &amp; b"><IMG SRC=b.jpg> and <img>')).toEqual({
      text: 'see and',
      images: [
        { source: 'a.png', alt: 'a & b' },
        { source: 'b.jpg', alt: null },
      ],
    })
  })

  test('are not those of what is never shown', () => {
    expect(htmlToText('x<noscript><img src="a.png"></noscript>')?.images).toEqual([])
  })
})

test('no control character survives, however it is written', () => {
  const found = text('a\u001b[31mb&#27;c&#x7f;d\u0090e\u0000f\r\ng<pre>\u0008h</pre>')
  expect(found).toBe('a[31mbcdef g\nh')
})

test('halves of characters become the sign for what is not there', () => {
  expect(text('a\ud83d b')).toBe('a\ufffd b')
})

test('more markup than a card can have is no text', () => {
  expect(htmlToText('<a>'.repeat(30_000))).toBeNull()
  expect(text('<a>'.repeat(10_000))).toBe('')
})
