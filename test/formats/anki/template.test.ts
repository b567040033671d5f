import { describe, expect, test } from 'vitest'
import { clozeText, deletedText, hintText, isOcclusion } from '../../../src/formats/anki/cloze.ts'
import { type Filling, parseTemplate, render, typedField } from '../../../src/formats/anki/template.ts'

const FIELDS = {
  Front: 'one',
  Back: 'zwei',
  Empty: '<br> <div></div>',
  Reading: '日本[にほん] 語[ご]',
  Sound: '犬[いぬ] [sound:inu.mp3]',
  Text: 'a {{c1::b::hint}} {{c2::d}}',
  'With: colon': 'x',
  Bold: '<b>x</b>',
}

/** A template filled with the fields above. */
function filled(template: string, more: Partial<Filling> = {}): { html: string | null; unknown: string[] } {
  const unknown: string[] = []
  const html = render(parseTemplate(template), {
    fields: new Map(Object.entries(FIELDS)),
    cloze: null,
    side: 'question',
    spoken: false,
    unknown: (name) => unknown.push(name),
    ...more,
  })
  return { html, unknown }
}

test.each([
  ['{{Front}} and {{ Back }}', 'one and zwei'],
  ['{{#Front}}yes{{/Front}}{{^Front}}no{{/Front}}', 'yes'],
  ['{{#Empty}}yes{{/Empty}}{{^Empty}}no{{/Empty}}', 'no'],
  ['{{#Gone}}yes{{/Gone}}{{^Gone}}no{{/Gone}}', 'no'],
  ['{{#Front}}{{#Empty}}a{{/Empty}}{{^Empty}}b{{/Empty}}{{/Front}}', 'b'],
  ['{{#Front}} {{Back}} {{/Front}}', ' zwei '],
  ['{{FrontSide}}x', 'x'],
  ['{{text:Bold}}', 'x'],
  ['{{furigana:Reading}}', '<ruby>日本<rt>にほん</rt></ruby><ruby>語<rt>ご</rt></ruby>'],
  ['{{kana:Reading}}', 'にほんご'],
  ['{{kanji:Reading}}', '日本語'],
  ['{{kana:Sound}}', 'いぬ [sound:inu.mp3]'],
  ['{{text:kanji:Reading}}', '日本語'],
  ['{{hint:Back}}', ''],
  ['{{type:Back}}', ''],
  ['{{tts en_US voices=Apple_Otoya:Front}}', ''],
  ['{{an-addon-knows:Front}}', 'one'],
  ['{{=<% %>=}}<%#Front%><%Front%><%/Front%> {{Front}}', 'one {{Front}}'],
  ['<!-- {{Front}} -->x<!-- never closed {{Front}}', 'x<!-- never closed one'],
  ['{{}}', ''],
  ['a {{Front', 'a {{Front'],
])('%j becomes %j on a question', (template, expected) => {
  expect(filled(template).html).toBe(expected)
})

test.each([
  ['{{hint:Back}}', 'zwei'],
  ['{{type:Back}}', 'zwei'],
  ['{{type:nc:Back}}', 'zwei'],
  ['{{Back}} {{type:Back}}', 'zwei '],
  ['{{cloze:Text}}', 'b'],
  ['{{cloze-only:Text}}', 'b'],
  ['{{type:cloze:Text}}', 'b'],
  ['{{#c1}}first{{/c1}}{{#c2}}second{{/c2}}', 'first'],
])('%j becomes %j on an answer', (template, expected) => {
  expect(filled(template, { side: 'answer', cloze: 1 }).html).toBe(expected)
})

test.each(['[', 'a[', 'a[]', 'a]', 'aa', 'a[b]', ' [', '<', '<br>'])(
  'a megabyte of %s goes through the filters',
  (piece) => {
    const fields = new Map([['Long', piece.repeat(1e6 / piece.length)]])
    expect(filled('{{#Long}}{{kana:text:Long}}{{/Long}}', { fields }).html).not.toBeNull()
  },
)

test('what is only spoken is written when nothing else is there', () => {
  expect(filled('{{tts de_DE:Back}}', { spoken: true }).html).toBe('zwei')
})

test('a field that is not there is named', () => {
  expect(filled('{{Front}} {{Fornt}}')).toEqual({ html: 'one ', unknown: ['Fornt'] })
})

describe('what is wrong with a template is said, and the rest of it works', () => {
  test.each([
    ['{{#Front}}open', 'never closes {{#Front}}', 'open'],
    ['a{{/Front}}b', 'closes {{/Front}}, which is not open', 'ab'],
    ['{{#Front}}{{#Back}}x{{/Front}}y{{/Back}}', 'closes {{/Front}}, which is not open', 'xy'],
    ['a {{Front', 'has a {{ without its }}', 'a {{Front'],
    ['{{#Front}}'.repeat(60), 'has more than 50 conditions inside each other', ''],
    ['x'.repeat(600_000), 'is longer than any', ''],
  ])('%.40j', (template, fault, html) => {
    expect(parseTemplate(template).fault).toBe(fault)
    expect(filled(template).html).toBe(html)
  })

  test.each(['{{', '<!--', '{{#a}}', '{{/a}}', '{{a}}', '<% %>'])(
    'a megabyte of %s takes no time',
    (piece) => {
      expect(parseTemplate(piece.repeat(5e5 / piece.length)).nodes).toBeDefined()
    },
  )
})

test('a side without end has none', () => {
  expect(filled('{{Long}}'.repeat(300), { fields: new Map([['Long', 'x'.repeat(10_000)]]) }).html).toBeNull()
})

test('what a side asks to be typed', () => {
  expect(typedField(parseTemplate('{{#Front}}{{type:Back}}{{/Front}}').nodes)).toEqual({
    name: 'Back',
    cloze: false,
  })
  expect(typedField(parseTemplate('{{type:cloze:Text}}').nodes)).toEqual({ name: 'Text', cloze: true })
  expect(typedField(parseTemplate('{{Front}}').nodes)).toBeNull()
})

// What Anki 26.09 makes of the same, but for the empty hint, which it shows as [].
describe('deletions', () => {
  test.each<[string, number, string, string]>([
    ['The {{c1::dog}} and {{c2::cat}}', 1, 'The [...] and cat', 'dog'],
    ['{{c1::dog::animal}}', 1, '[animal]', 'dog'],
    ['{{c1::dog::}}', 1, '[...]', 'dog'],
    ['{{c1::a}} {{c1::b}} {{c1::a}}', 1, '[...] [...] [...]', 'a, b'],
    ['{{c1::outer {{c2::inner::i}} rest::o}}', 1, '[o]', 'outer inner rest'],
    ['{{c1::outer {{c2::inner::i}} rest::o}}', 2, 'outer [i] rest', 'inner'],
    ['{{c1,3::both}} {{c2::x}}', 3, '[...] x', 'both'],
    ['{{c1::<img src="x.png">}}', 1, '[...]', '<img src="x.png">'],
    ['{{c1::open', 1, '', ''],
    ['{{c1::a}} }}', 1, '[...] }}', 'a'],
    ['no deletion', 1, '', ''],
    ['{{c2::other}}', 1, '', ''],
    ['{{c1::}}', 1, '[...]', ''],
  ])('%s, card %i', (html, number, question, answer) => {
    expect(clozeText(html, number, true)).toBe(question)
    expect(deletedText(html, number)).toBe(answer)
  })

  test('hints alone', () => {
    expect(hintText('{{c1::a::first}} {{c1::b}} {{c2::c}}', 1)).toBe('first, ...')
  })

  test('areas of a picture are told from text', () => {
    expect(isOcclusion('{{c1::image-occlusion:rect:left=.1:top=.2}}')).toBe(true)
    expect(isOcclusion('{{c1::image-occlusion}}')).toBe(false)
  })

  test.each(['{{c1::', '}}', '{{c1::a', '::', '{{c1::x}}'])('a megabyte of %s is read', (piece) => {
    const html = piece.repeat(1e6 / piece.length)
    expect(deletedText(html, 1).length).toBeLessThan(10)
  })
})
