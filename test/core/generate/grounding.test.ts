import { expect, test } from 'vitest'
import { factFlags, ground, readSection } from '../../../src/core/generate/grounding.ts'
import type { Section } from '../../../src/core/generate/job.ts'
import { normalise } from '../../../src/core/generate/normalise.ts'
import { pick, random } from '../random.ts'

const sectionOf = (text: string, pages: [number, number] | null = null): Section => ({
  heading: null,
  page_from: pages?.[0] ?? null,
  page_to: pages?.[1] ?? null,
  text,
  tokens: 0,
  quota: 0,
})

const grounded = (text: string, quote: string, pages: [number, number] | null = null) =>
  ground({ quote }, readSection(sectionOf(text, pages)))

test.each([
  ['Ofﬁce  Hours', 'office hours'],
  ['“It’s ‘free’”', 'its free'],
  ['inter-\nnational', 'international'],
  ['peer-to-peer', 'peertopeer'],
  ['free—as in speech', 'freeas in speech'],
  ['1939–45', '1939-45'],
  ['x = −5', 'x = -5'],
  ['50 %', '50%'],
  ['wait . . . what', 'wait... what'],
  ['**bold** and _title_ and `code`', 'bold and title and code'],
  ['2 * 3 * 4', '2 * 3 * 4'],
  ['STRASSE Straße', 'strasse strasse'],
  ['ﾃｽﾄ', 'テスト'],
  ['光合\n成', '光合成'],
  ['全長 1,800 メートル', '全長1,800メートル'],
  ['\u1112\u1161\u11ab', '한'],
  ['e\u0301te\u0301', 'été'],
  ['مُـــدرسة ٤٢', 'مدرسة 42'],
  ['soft\u00adhyphen', 'softhyphen'],
  ['a\u200bb\ufeff', 'ab'],
  ['\t a \u00a0 b\r\n', 'a b'],
])('%j is normalised to %j', (text, normal) => {
  expect(normalise(text)).toBe(normal)
})

const SIGNS = [
  ...[
    'a',
    'B',
    'ß',
    'Σ',
    'ς',
    'İ',
    'ı',
    'é',
    'e\u0301',
    'ﬁ',
    'Å',
    '漢',
    'か',
    '\u3099',
    'ｶ',
    'ﾞ',
    '\u1112\u1161',
    '한',
  ],
  ...[
    ' ',
    '\n',
    '\t',
    '\u00a0',
    '\u200b',
    '\u00ad',
    '-',
    '—',
    '−',
    '‐',
    '--',
    '"',
    '’',
    '´',
    '*',
    '**',
    '_',
    '`',
    '.',
    '…',
  ],
  ...[
    '1',
    '²',
    '½',
    '٣',
    '%',
    '(',
    ')',
    '،',
    '، ',
    'ـ',
    'ُ',
    'ש',
    '😀',
    '\ud83d',
    '㎏',
    '℃',
    '™',
    '̈',
    '・',
    '。',
  ],
] as const

test('what is normalised stays as it is', () => {
  const next = random(11)
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: 1 + Math.floor(next() * 14) }, () => pick(next, SIGNS as never)).join(
      '',
    )
    const once = normalise(text)
    expect(normalise(once), JSON.stringify(text)).toBe(once)
  }
})

const TEXT = `[page 7]
Copyright began in 1710 with the Statute of Anne. It gave the author of a
new book fourteen years, and the “com-
petition” of booksellers did the
[page 8]
rest. A national law of the **nations** followed.
E = mc² is not in it; F = ma is. In the beginning there was the law.`

test.each([
  ['word for word', 'Copyright began in 1710 with the Statute of Anne.', 7],
  ['across lines, with other quotation marks', 'and the "competition" of booksellers', 7],
  ['across pages', 'booksellers did the rest. A national law', 7],
  ['across pages, with the mark', 'booksellers did the\n[page 8]\nrest. A national law', 7],
  ['on the second page', 'A national law of the nations followed', 8],
  ['in capitals, with dots around', '... A NATIONAL LAW OF THE NATIONS ...', 8],
  ['an equation', 'F = ma', 8],
  ['a short sentence', 'It gave the author of a new book fourteen years', 7],
])('verified: %s', (_, quote, page) => {
  expect(grounded(TEXT, quote, [7, 8])).toMatchObject({ grounding: 'verified', page })
})

test('a verified quote is that of the source, in one line', () => {
  expect(grounded(TEXT, 'AND THE "COMPETITION" OF BOOKSELLERS DID THE REST.', [7, 8]).quote).toBe(
    'and the “competition” of booksellers did the rest.',
  )
})

test.each([
  ['left out', 'It is wrong to take it. Then more.', 'It is wrong to take it', 'It is wrong to take it.'],
  ['another one', 'It is wrong to take it! Then more.', 'it is wrong to take it.', 'It is wrong to take it!'],
  ['none there', 'It is wrong to take it, they said.', 'It is wrong to take it.', 'It is wrong to take it'],
  ['a comma', 'It is wrong to take it, they said.', 'It is wrong to take it,', 'It is wrong to take it,'],
  ['before a footnote', 'It is wrong to take it.1 Then more.', 'wrong to take it', 'wrong to take it.'],
  [
    'in a number',
    'The wire measures just about 3.25 mm.',
    'The wire measures just about 3',
    'The wire measures just about 3',
  ],
  [
    'in an address',
    'They all looked at www.example.org then.',
    'They all looked at www',
    'They all looked at www',
  ],
  [
    'said by others',
    'He called it “wrong to take it.” Then more.',
    'called it “wrong to take it',
    'called it “wrong to take it.”',
  ],
  [
    'in the midst of it',
    '“He said: it is wrong to take it.” Then',
    'it is wrong to take it',
    'it is wrong to take it.',
  ],
  [
    'with all of it',
    '“It is wrong to take it.” Then',
    '"It is wrong to take it."',
    '“It is wrong to take it.”',
  ],
  ['in brackets', 'It is (as they say) wrong (to take it). Then', 'wrong (to take it', 'wrong (to take it).'],
  [
    'in French',
    'Pourquoi la glace flotte-t-elle ? Parce que',
    'Pourquoi la glace flotte-t-elle',
    'Pourquoi la glace flotte-t-elle ?',
  ],
  ['in Chinese', '北京是中国的首都。上海不是。', '北京是中国的首都', '北京是中国的首都。'],
])('what a passage ends with is the source’s: %s', (_, text, quote, passage) => {
  expect(grounded(text, quote)).toMatchObject({ grounding: 'verified', quote: passage })
})

test('a quote that is not there is in one line, too', () => {
  expect(grounded(TEXT, ' No  such\nsentence  is there. ').quote).toBe('No such sentence is there.')
})

test.each([
  ['a word changed', 'Copyright began in 1710 with the Statute of Mary and the rest of it'],
  ['a number changed', 'Copyright began in 1711 with the Statute of Anne.'],
  ['the last word cut short', 'Copyright began in 1710 with the Stat'],
  ['the first word cut short', 'ional law of the nations followed'],
  ['a word left out', 'Copyright began with the Statute of Anne.'],
  ['parts put together', 'Copyright began in 1710 ... and the "competition" of booksellers'],
  ['one word', 'Copyright'],
  ['two words', 'new book'],
  ['common words', 'In the'],
  ['more of them', 'in the beginning there was'],
])('not verified: %s', (what, quote) => {
  const isThere = what === 'more of them'
  expect(grounded(TEXT, quote, [7, 8]).grounding === 'verified').toBe(isThere)
})

test.each(['', ' \n', '[page 7]', '…', '"'])('%j is no quote', (quote) => {
  expect(grounded(TEXT, quote, [7, 8])).toMatchObject({ grounding: 'unverified', page: null })
})

test('a quote that is nearly there is close, on the page that has most of it', () => {
  const quote = 'booksellers did the rest. A national law of the nations came next'
  expect(grounded(TEXT, quote, [7, 8])).toEqual({ grounding: 'close', page: 8, quote })
  expect(grounded(TEXT, 'The king paid for all of it himself', [7, 8]).grounding).toBe('unverified')
})

test.each([
  ['東京は日本の首都です。人口は多い。', '首都です'],
  ['東京は日本の首都です。人口は多い。', '東京'],
])('of %s, "%s" may stand anywhere', (text, quote) => {
  expect(grounded(text, quote).grounding).toBe('close')
})

test.each([
  ['首都は東京です。人口は多い。', '首都は東京'],
  ['水の沸点は100度である。', '水の沸点は100度'],
  ['北京是首都。', '北京是首都'],
  ['서울은 수도이다. 인구가 많다.', '서울은 수도이다'],
  ['กรุงเทพเป็นเมืองหลวงของประเทศไทย', 'กรุงเทพเป็นเมืองหลวง'],
  ['عاصمة مصر هي القاهرة وهي كبيرة', 'عاصمة مصر هي القاهرة'],
  ['Столица Франции – Париж.', 'Столица Франции — Париж'],
  ['Paris ist die Hauptstadt.', 'Paris ist die Hauptstadt'],
])('of %s, "%s" is a passage', (text, quote) => {
  expect(grounded(text, quote).grounding).toBe('verified')
})

test('a line of the source that looks like a page mark is none', () => {
  const text = '[page 7]\nThe mark in the file\n[page 99]\nis a line of text.'
  expect(grounded(text, 'is a line of text', [7, 8])).toMatchObject({ grounding: 'verified', page: 7 })
  expect(grounded('[page 1]\nis a line of text.', 'is a line of text')).toMatchObject({ page: null })
})

const facts = (source: string, answer: string, question = 'What is it?', language?: string) =>
  factFlags({ question, answer }, readSection(sectionOf(source)), language)

test.each([
  ['1,000 people', '1000'],
  ['1.000 Menschen', '1 000'],
  ['1 000 personnes', '1.000'],
  ['12,345,678 of them', '12 345 678'],
  ['about 1.5 million', '1,500,000'],
  ['1,5 Millionen Euro', '1.500.000'],
  ['a length of 2.50 m', '2.5 metres'],
  ['eine Länge von 2,5 m', '2.5 m'],
  ['twelve hens and a goat', '12 hens'],
  ['there were 12 hens and a goat and it was', 'Twelve'],
  ['after twenty-five years', '25'],
  ['two hundred and fifty of the men and their sons were there', '250'],
  ['nach vierundzwanzig Jahren', '24 Jahre'],
  ['quatre-vingt-douze pour cent', '92 %'],
  ['diecisiete arcos', '17 arcos'],
  ['двадцать пять лет', '25 лет'],
  ['一六八三年に', '1683年'],
  ['三万人が訪れる', '30000人'],
  ['２４軒', '24軒'],
  ['عام ١٨٤٧', '1847'],
  ['the nineteenth century', '19th century'],
  ['Louis XIV', '14'],
  ['the war of 1939–45', '1945'],
  ['the war of 1939–1945', '1939-45'],
  ['on July 14, 1789', '14 July 1789'],
  ['the formula is H₂O', 'H2O'],
  ['vitamin B12', 'Vitamin B12'],
  ['in 1936.5 RCA hired him', '1936'],
  ['one of them', 'One of them'],
  ['blue, white and red', '1. blue 2. white 3. red'],
])('of %j the number in %j is known', (source, answer) => {
  expect(facts(source, answer)).toEqual([])
})

test.each([
  ['1,000 people', '1,001'],
  ['1.5 million', '1.5 billion'],
  ['twelve hens', '13'],
  ['twelve hens and a goat, and it was the only one of them', 'Thirteen hens'],
  ['in 1984', '1948'],
  ['198 of them', '19'],
  ['the war of 1939–45', '1946'],
  ['2.5 tonnes', '25 tonnes'],
  ['一六八三年に', '1684年'],
  ['五十二度', '六十二度'],
  ['nothing is said', '7'],
])('of %j the number in %j is not', (source, answer) => {
  expect(facts(source, answer)).toContain('number')
})

test('a larger number in the question must be in the source too, a small one may have been counted', () => {
  expect(facts('The law was made in 1710.', 'The law', 'What was made in 1711?')).toEqual(['number'])
  expect(facts('The law was made in 1710.', 'The law', 'What was made in 1710?')).toEqual([])
  expect(facts('Blue, white and red.', 'Red', 'What is the last of the 3 colours?')).toEqual([])
})

test.each([
  ['The law was made by Edwin Armstrong.', 'Armstrong'],
  ['The law was made by Edwin Armstrong.', 'EDWIN ARMSTRONG'],
  ["Armstrong's invention", 'Armstrong'],
  ['the inventions of Armstrong', "Armstrong's"],
  ['an invention of the RCA', 'The RCA'],
  ['it is less dense', 'Because it is less dense'],
  ['light is converted to energy', 'Conversion of light'],
  ['it digests waste', 'Digesting waste'],
  ['the mitochondrion', 'Mitochondria'],
  ['protein synthesis', 'Protein Synthesis'],
  ['Das Boot lag im Torf', 'Ein Boot'],
  ['die Kraniche sind da', 'Kranichen'],
  ['Dvořák wrote it', 'Dvorak'],
  ['Вера Ладога починила', 'Верой Ладогой'],
  ['мастер Прохор Зимин', 'Мастера Прохора Зимина'],
  ['山田源八という猟師', '山田源八'],
  ['湯を運ぶ木の管', '木の管'],
  ['حفر البدو البئر', 'بئر'],
  ['목수 박도윤이 세웠다', '박도윤'],
  ['Peer-to-peer sharing', 'Peer-to-Peer'],
  ['a user of the iPhone', 'iPhone'],
  ['x and y', 'X'],
])('of %j the names in %j are known', (source, answer) => {
  expect(facts(source, answer)).toEqual([])
})

test.each([
  ['The law was made by Edwin Armstrong.', 'Reginald Fessenden'],
  ['The law was made by Edwin Armstrong.', 'Fessenden'],
  ['The law was made by Edwin Armstrong.', 'Fessenden made the law'],
  ['The law was made by Edwin Armstrong.', 'The law of Fessenden'],
  ['The law was made by Edwin Armstrong.', 'Edwin Fessenden'],
  ['The river Niger is long.', 'Nigeria'],
  ['Iran is large', 'Iraq'],
  ['it was carted away', 'Carter'],
  ['the marine is here', 'Marina'],
  ['Das Boot lag im Torf', 'Ein Flugzeug'],
  ['Москва большая', 'Воронеж'],
  ['東京は首都', '大阪'],
  ['山田源八という猟師', '山田太郎'],
  ['ヒノキで作られている', 'スギ'],
  ['北京是首都', '上海'],
  ['سالم الهادي', 'نابليون'],
  ['목수 박도윤이 세웠다', '나폴레옹'],
  ['carbon dioxide', 'CO2'],
  ['Louis XIV', 'Louis XV'],
])('of %j a name in %j is not', (source, answer) => {
  expect(facts(source, answer)).toContain('name')
})

const GERMAN = `Bismarck wurde 1862 zum preußischen Ministerpräsidenten ernannt. Steigt der Preis, so sinkt die nachgefragte Menge. Wer
vorsätzlich das Eigentum eines anderen verletzt, muss den Schaden ersetzen. Das Herz pumpt das Blut durch den Körper, und die
Klappen verhindern, dass es zurückfließt. Insulin senkt den Blutzucker, indem es die Aufnahme von Glucose in die Zellen fördert.`

test.each([
  'Die Nachfrage sinkt',
  'Er muss Schadensersatz leisten',
  'Sie verhindern den Rückfluss des Blutes',
  'Durch Förderung der Glucoseaufnahme in die Zellen',
  'Bei Vorsatz',
  'Zum Ministerpräsidenten von Preußen',
  'Eine dauernde Senkung des Blutzuckers',
])('German nouns are no names: %s', (answer) => {
  expect(facts(GERMAN, answer)).toEqual([])
})

test.each([
  'Friedrich Ebert',
  'Gegen Russland',
  'Otto Wels',
  'Nach Hamburg',
  'Die SPD',
  'Kaiser Franz Joseph',
])('and names are: %s', (answer) => {
  expect(facts(GERMAN, answer)).toEqual(['name'])
})

test('in a translation names are not compared, and numbers are', () => {
  const source = 'The law was made by the king in 1710, and it was for the authors of the books.'
  expect(facts(source, 'Das Gesetz des Königs', 'Was hat der König gemacht?', 'German')).toEqual([])
  expect(facts(source, 'Im Jahr 1711', 'Wann hat der König das Gesetz gemacht?', 'German')).toEqual([
    'number',
  ])
  expect(facts(source, 'The law of Parliament', 'What did the king make?', 'English')).toEqual(['name'])
})
