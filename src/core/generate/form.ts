import { textProblem } from '../card.ts'
import { UNSPACED } from '../graphemes.ts'
import type { DropReason, Flag, Proposal } from './candidate.ts'
import { normalise } from './normalise.ts'
import {
  commonCounts,
  countWords,
  isCommon,
  LANGUAGES,
  type Language,
  languageOf,
  type Script,
  scriptCounts,
  wordsOf,
} from './words.ts'

/*
 * What can be told from the form of a card alone, by the rules that cards are written by: one question about one thing,
 * that can be understood without the text, and a short answer. The lists are of words that leave little doubt; a card that
 * is only unusual gets no flag.
 */

type Card = Pick<Proposal, 'question' | 'answer'>

/** The source as the form of its cards is compared with it. */
export interface SourceForm {
  scripts: Map<Script, number>
  language: Language | null
}

/** The script and language of a source. */
export function sourceForm(source: string): SourceForm {
  return { scripts: scriptCounts(source), language: languageOf(source, LEAST_COMMON) }
}

/** A text with fewer common words of a language may be of any. */
const LEAST_COMMON = 15

/** The flags of a card, `number`, `name` and `duplicate` aside. A `language` that was asked for may be another one. */
export function formFlags(card: Card, source: SourceForm, language: string | undefined): Flag[] {
  const tests: [Flag, boolean][] = [
    ['long', isLong(card.answer)],
    ['list', isList(card.answer)],
    ['yesno', isYesNo(card)],
    ['multi', asksTwice(card.question)],
    ['refers', refersToText(card.question) || refersToText(card.answer)],
    ['leak', leaksAnswer(card)],
    ['vague', isVague(card.question)],
    ['lang', language === undefined && isForeign(card, source)],
  ]
  return tests.filter(([, applies]) => applies).map(([flag]) => flag)
}

/**
 * Why a card is none at all; null for one that may be looked at. `source` is the text that it was made of, `prompt` what the
 * model was told: a card that says it again was not made of the source.
 */
export function dropReason({ question, answer }: Card, source: string, prompt: string): DropReason | null {
  const isEmpty = textProblem('question', question) !== null || textProblem('answer', answer) !== null
  if (isEmpty || !/\p{L}/u.test(question) || /^[\s._…\p{Default_Ignorable_Code_Point}]*$/u.test(answer))
    return 'empty'
  if (sameKey(question) === sameKey(answer) && sameKey(question) !== '') return 'same'
  const text = `${question}\n${answer}`
  if (hasMarkup(text, source)) return 'markup'
  return leaksPrompt(text, source, prompt) ? 'leaked_prompt' : null
}

/** What two texts have alike that are the same but for case, width, punctuation and space. */
export function sameKey(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '')
}

const MOST_WORDS = 25
const MOST_CHARACTERS = 200

function isLong(answer: string): boolean {
  return answer.length > MOST_CHARACTERS || countWords(answer) > MOST_WORDS
}

/** A text without what is code, an address or said by others, where signs mean something else. */
function prose(text: string): string {
  return text
    .replace(/```[\s\S]*?(?:```|$)/g, ' ')
    .replace(/`[^`\n]*`/g, ' ')
    .replace(/https?:\/\/\S+/g, ' ')
    .replace(/"[^"\n]*"|“[^”\n]*”|«[^»\n]*»|„[^“”\n]*[“”]|「[^」\n]*」|『[^』\n]*』/g, ' ')
    .replace(/(?<![\p{L}\p{N}])['‘][^'’\n]*['’](?![\p{L}\p{N}])/gu, ' ')
}

const ITEMS = 3

function isList(answer: string): boolean {
  const text = answer.replace(/```[\s\S]*?(?:```|$)/g, ' ').replace(/`[^`\n]*`|https?:\/\/\S+/g, ' ')
  const lines = text.split('\n').filter((line) => /[\p{L}\p{N}]/u.test(line))
  const isCode = lines.filter((line) => /[;{}]\s*$|^\s{2,}\S|[=)]\s*$/.test(line)).length > lines.length / 3
  if (lines.length >= ITEMS && !isCode) return true
  const open = text.replace(/\([^()]*\)|\[[^[\]]*\]|\{[^{}]*\}/g, ' ')
  const parts = open.split(/[;；؛]/).filter((part) => /[\p{L}\p{N}]/u.test(part))
  if (parts.length >= ITEMS && !isCode && !/[;{}]\s*$/.test(text)) return true
  const marks = text.match(/(?:^|\s)(?:\(?(?:\d|[a-z])[.)]|[①-⑳•])\s*(?=\p{L})/gu) ?? []
  return marks.length >= ITEMS
}

const YES_NO =
  /^(?:yes|no|yeah|nope|ja|nein|doch|oui|non|s[ií]|sì|sim|não|nee|да|нет|はい|いいえ|いや|是的?|不是|否|对|不对|نعم|لا|네|아니요)(?:$|[\s,.;:!–—。，、])/iu
const TRUE_FALSE =
  /^(?:true|false|correct|incorrect|right|wrong|wahr|falsch|richtig|vrai|faux|verdadero|falso|cierto|vero|verdadeiro|waar|onwaar|juist|onjuist|верно|неверно|правда|ложь|正しい|間違い|正确|错误)[.!。]?$/iu
const ASKS_TRUE =
  /\b(?:true or false|right or wrong|richtig oder falsch|wahr oder falsch|vrai ou faux|verdadero o falso|vero o falso|verdadeiro ou falso|waar of niet waar|waar of onwaar|juist of onjuist)\b|верно ли|правда ли|正しいか|对还是错|正误/iu
/** How a question begins that is answered by yes or no. */
const OPENER =
  /^[¿\s]*(?:is|are|was|were|am|do|does|did|can|could|will|would|should|shall|has|have|had|may|might|must|ist|sind|war|waren|hat|haben|hatte|kann|können|konnte|darf|dürfen|wird|werden|wurde|wurden|muss|müssen|soll|sollte|gibt|gab|gilt|stimmt|est|sont|était|peut|es|son|era|eran|fue|fueron|está|están|hay|puede|pueden|tiene|tienen|è|sono|era|erano|può|possono|ha|hanno|é|são|foi|pode|tem|há|zijn|heeft|hebben|kan|kunnen|mag|moet|wordt)\s/iu
/** A word that asks for more than yes or no, in any language that we know. */
const ASKS =
  /(?<![\p{L}])(?:who|whom|whose|which|what|when|where|why|how|wer|wen|wem|wessen|was|wann|wo|woher|wohin|womit|wodurch|wozu|woraus|warum|wie|welche[rsnm]?|qui|que|quoi|quand|où|comment|pourquoi|combien|quel(?:le)?s?|qué|quién(?:es)?|cuál(?:es)?|cuándo|dónde|cómo|cuánt[oa]s?|chi|che|cosa|quando|dove|come|perché|quant[oiae]|qual[ei]?|quem|quais|onde|como|quant[oa]s?|wie|wat|wanneer|waar|waarom|hoe|welke?|кто|что|когда|где|куда|почему|зачем|как|како[йея]|какая|какие|каков|сколько|чей)(?![\p{L}])|[何誰]|どこ|どの|どれ|どう|いつ|なぜ|いくつ|什么|谁|哪|怎|为何|几|多少/iu

/** What stands in a sentence for the words that the answer has. */
const GAP = /…|\.{3}|_{2,}/

function isYesNo({ question, answer }: Card): boolean {
  const isJudged = TRUE_FALSE.test(answer.trim())
  if (isJudged && ASKS_TRUE.test(question)) return true
  if (!YES_NO.test(answer.trim()) && !isJudged) return false
  if (OPENER.test(question)) return true
  // "no" is also the symbol of nobelium
  const isPlain = /^(?:no|si|sí)$/iu.test(answer.trim())
  return !isPlain && !ASKS.test(question) && !GAP.test(question) && countWords(question) >= 3
}

/** Between two questions in one. What may also join two clauses of one question is left out. */
const AND_ASKS = new RegExp(
  [
    String.raw`(?<!\bbetween\b.*)\band,? (?:what|how|why)\b(?! not\b)[^?]*\p{L}`,
    String.raw`^(?:who|what|which|when|where|why|how|in which|in what)\b(?!.*\bbetween\b).* and (?:when|where|why|how|who|by whom|for how long|in which|since when)\s*\?$`,
    String.raw`(?<!\bzwischen\b.*)\bund (?:warum|weshalb|wieso|wozu|wie viele?|wer|wann|welche[rsnm]?)\b[^?]*\p{L}`,
    String.raw`^(?:wer|was|wann|wo|warum|wie|welche[rsnm]?)\b.* und (?:wann|wo|warum|wie|womit|von wem)\s*\?$`,
    String.raw`(?<!\bentre\b.*)\bet (?:pourquoi|comment|quels?|quelles?|combien|quand|où)(?!\p{L})`,
    String.raw`(?<!\bentre\b.*)\b[ye] ¿?(?:qué|por qué|cómo|quién(?:es)?|cuál(?:es)?|cuándo|dónde|cuánt[oa]s?)(?!\p{L})`,
    String.raw`(?<!\btra\b.*)\be (?:perché|quando|dove|quale|quali|chi|che cosa)(?!\p{L})[^?]*\?`,
    String.raw`(?<!\bentre\b.*)\be (?:por que|porquê|quando|onde|qual|quais|quem|o que)(?!\p{L})[^?]*\?`,
    String.raw`(?<!\btussen\b.*)\ben (?:waarom|hoe|wanneer|wat|wie|welke?)\b`,
    String.raw`(?<!между.*)(?<!\p{L})и (?:почему|зачем|как|когда|где|сколько|какой|какая|какие|какое|кто|что)(?!\p{L})[^?]*\?`,
    '(?:以及|并且|和)(?:为什么|怎么|如何|什么时候|在哪)',
    'か、また|かつ(?:なぜ|どのように|いつ)',
  ].join('|'),
  'iu',
)

function asksTwice(question: string): boolean {
  const text = prose(question)
  const marks = text.match(/[?？؟]+(?=[\s!)\]»”"]|$|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}])/gu) ?? []
  return marks.length >= 2 || AND_ASKS.test(text)
}

const EN_TEXT =
  '(?:text|passage|excerpt|extract|author|authors|article|document|paragraph|chapter|section|table|figure|diagram|source|book|essay|page|speaker|narrator|writer)'
const EN_SAYS =
  '(?:says?|said|states?|stated|mentions?|mentioned|describes?|described|argues?|argued|claims?|claimed|suggests?|suggested|explains?|explained|discuss(?:es|ed)?|defines?|defined|uses?|used|gives?|gave|call(?:s|ed)?|refers?|referred|presents?|presented|cites?|cited|think|believes?|list(?:s|ed)?|shows?|shown|compares?|conclude[sd]?|point(?:s|ed)? out)'

/** Words that mean the text which the card was made of, and which a learner no longer sees. */
const REFERS = new RegExp(
  [
    // en
    String.raw`\b(?:in|from|by|per|to|at the (?:beginning|end) of) (?:the|this) (?:above |given |provided |following |same )?${EN_TEXT}\b(?! (?:of|for|to|on|about|tag|element|editor|box|field)\b)(?=[\s,.?!]*$|,| (?:${EN_SAYS}|as|is|was|are|were)\b)`,
    String.raw`\b(?:according to|based on|as (?:stated|described|mentioned|noted|shown) (?:in|by)) (?:the|this) (?:above |given |provided )?${EN_TEXT}\b(?! of\b)`,
    String.raw`\b(?:the|this) ${EN_TEXT} ${EN_SAYS}\b`,
    String.raw`\b(?:does|do|did|is|was|are|were|has|have|had|can) (?:the|this) ${EN_TEXT} ${EN_SAYS}\b`,
    String.raw`\bthis (?:text|passage|excerpt|chapter|article|paragraph|document|section|essay)\b`,
    String.raw`\b(?:mentioned|described|shown|given|listed|stated|discussed|defined|as|the|see|noted|quoted) (?:above|below)\b(?! (?:zero|sea|ground|average|freezing|\d))`,
    String.raw`\babove[- ]mentioned\b|\baforementioned\b`,
    String.raw`\b(?:which|what|all|any|one|none|each) of the following\b|\bthe following (?:statements?|sentences?|terms?|options?|examples?|text|passage|paragraph|list|table|figure|quote|questions?|are|is)\b`,
    String.raw`\b(?:in|from|see|does|per) (?:figure|fig\.|table) ?\d`,
    String.raw`\b(?:mentioned|described|discussed|stated|provided|given) in (?:the|this) ${EN_TEXT}\b`,
    // de
    String.raw`\b(?:im|laut(?: dem| diesem)?|nach dem|in diesem|dieser|dieses|dem|aus dem|gemäß dem) (?:text|textabschnitt|auszug|abschnitt|kapitel|artikel|dokument)(?:s|es)?\b(?! (?:des|der|von|über)\b)(?=[\s,.?!]*$|,| (?:genannt|erwähnt|beschrieben|gesagt|als|über|zu|sagt|steht))`,
    String.raw`\blaut (?:dem |diesem )?(?:text|autor|autorin|artikel|verfasser|abschnitt|abbildung|tabelle)\b`,
    String.raw`\b(?:der|die) (?:autor|autorin|verfasser|verfasserin)\b(?! (?:des|der|von|vom)\b)`,
    String.raw`\b(?:der|dieser) text (?:sagt|beschreibt|nennt|erwähnt|erklärt)|\b(?:sagt|beschreibt|nennt|erwähnt|erklärt) der text\b`,
    String.raw`\b(?:oben|unten) (?:genannt|erwähnt|beschrieben|gezeigt|stehend)|\b(?:obig|nachfolgend|nachstehend)e[nrsm]?\b|\b(?:der|die|das|den|dem) folgenden?\b|\bwelche[rs]? der folgenden\b|\bin (?:abbildung|tabelle) \d`,
    // fr
    String.raw`\b(?:dans|selon|d['’]après) (?:le|ce|cet) (?:texte|passage|chapitre|paragraphe|extrait|document)\b(?! de\b)|\b(?:selon|d['’]après) (?:l['’]auteur|l['’]autrice|l['’]article|la figure|le tableau)(?!\p{L})(?! d[eu]\b)`,
    String.raw`\b(?:dans|selon) (?:l['’]|cet )(?:article|extrait)(?=[\s,.?!]*$|,)|\b(?:le|ce) texte (?:dit|décrit|mentionne|explique|affirme)|(?<![\p{L}])l['’]auteur (?:dit|décrit|pense|affirme|explique|mentionne|utilise|soutient|appelle)|\b(?:dit|décrit|affirme|mentionne|explique)(?:-t-)?(?:-?il)? l['’]auteur`,
    String.raw`(?<!\p{L})(?:ci-dessus|ci-dessous|susmentionné)|\b(?:l['’]une?|lequel|laquelle|lesquels|quel(?:le)?s?) des (?:\p{L}+ )?suivante?s\b|\b(?:suivante?s?)\s*\?$|(?<!\p{L})à la figure \d|\bdans le tableau \d`,
    // es
    String.raw`\b(?:en|según) (?:el|este) (?:texto|pasaje|capítulo|párrafo|fragmento|artículo|documento)(?! (?:de|del)(?!\p{L}))|\bsegún (?:el autor|la autora|la figura|la tabla)\b(?! de)`,
    String.raw`\b(?:el|este) texto (?:dice|describe|menciona|explica|afirma)|\bel autor (?:dice|describe|menciona|explica|afirma|sostiene|utiliza|llama)|\b(?:dice|describe|menciona|explica|afirma) el (?:texto|autor)\b|\b(?:cuál|cuáles) de l[oa]s siguientes\b|\b(?:mencionad|descrit|citad)[oa]s? (?:arriba|anteriormente|más arriba)`,
    // it
    String.raw`\b(?:nel|secondo il|in questo) (?:testo|brano|capitolo|paragrafo|documento)\b(?! d[ei])|\bsecondo (?:l['’]autore|l['’]autrice|l['’]articolo)(?! d)|\b(?:il|questo) testo (?:dice|descrive|menziona|spiega|afferma)|\bl['’]autore (?:dice|descrive|sostiene|afferma|spiega)|\bquale dei seguenti|\bquali delle seguenti|\bquale delle seguenti`,
    // pt
    String.raw`\b(?:no|neste|segundo o|de acordo com o|conforme o) (?:texto|trecho|capítulo|parágrafo|artigo|documento)(?!\p{L})(?! d[eoa])|\b(?:segundo|de acordo com) (?:o autor|a autora)\b(?! d)|\bo (?:texto|autor) (?:diz|descreve|menciona|explica|afirma)|\b(?:qual|quais) d[oa]s seguintes\b`,
    // nl
    String.raw`\b(?:in|volgens) (?:de|deze|het|dit) (?:tekst|passage|hoofdstuk|alinea|fragment|artikel|auteur|schrijver|document)\b(?! van)|\bde (?:auteur|schrijver) (?:zegt|beschrijft|noemt|stelt|legt)|\bwelke? van de volgende\b|\bbovenstaande?\b|\bonderstaande?\b`,
    // ru
    String.raw`(?<!\p{L})(?:в|согласно|по|из) (?:этом |этому |данном |данному )?(?:тексте|тексту|текста|отрывке|отрывку|главе|статье|абзаце|документе|рисунке|таблице)(?!\p{L})(?=[\s,.?!]*$|,| (?:говорится|упоминается|описан|автор|назван|сказано))|(?<!\p{L})(?:по мнению|согласно|по словам) автор(?:а|у)(?!\p{L})(?! \p{Lu})|(?<!\p{L})автор (?:говорит|утверждает|описывает|считает|пишет|называет|упоминает)|(?:говорит|утверждает|описывает|считает|пишет|называет|упоминает) автор(?!\p{L})|вышеупомянут|вышеуказанн|нижеследующ|(?:какое|какой|какая|какие|что) из (?:следующ|перечисленн|нижеперечисленн)`,
    // ja, zh
    '(?:この|本)(?:文章|文|テキスト|本文|章|節|記事|資料)(?:で|に|では|には|によ|の(?:中|著者|筆者))|本文(?:で|に|中)|(?<![のな]\\s*)(?:著者|筆者)(?:は|が|によ)|上記|上述|下記|次のうち|以下の(?:うち|文)',
    '(?:本文|这篇文章|文章|课文|文本|这段话|该文|这一章|本章)(?:中|里|说|认为|提到|指出|描述)|根据(?:本文|文章|课文|文本|作者|上文|这段)|作者(?:认为|说|提到|指出|的观点)|上文|下列|以下哪',
  ].join('|'),
  'iu',
)

function refersToText(text: string): boolean {
  return REFERS.test(prose(text))
}

const OR = /(?<!\p{L})(?:or|oder|ou|of (?:een|de|het)|или|либо)(?!\p{L})|\s[oóu]\s|か.+か|还是|或/iu
const FORMULA = /[=^√∑∫±×÷→⇒≤≥≠]|\p{L}\(|\d\s*[+*/-]\s*\d/u

/** The question holds every word of the answer that says anything; of two choices that is no more than fair. */
function leaksAnswer({ question, answer }: Card): boolean {
  if (FORMULA.test(answer) || OR.test(prose(question))) return false
  const asked = normalise(question)
  const said = normalise(answer)
  if (UNSPACED.test(said)) {
    const bare = said.replace(/[^\p{L}\p{M}\p{N}]/gu, '').replace(/(?:です|である|だ|。)$/u, '')
    return [...bare].length >= 2 && asked.replace(/[^\p{L}\p{M}\p{N}]/gu, '').includes(bare)
  }
  const words = wordsOf(answer).filter((word) => !isCommon(word))
  const known = new Set(wordsOf(prose(question)))
  return words.length > 0 && words.every((word) => known.has(word))
}

const PRONOUN = new RegExp(
  [
    String.raw`^(?:he|she|they|it|these|those|this|its|their|his|her)(?!\p{L})(?!'s called)`,
    String.raw`^(?:what|why|how|when|where|who|whom) (?:is|was|did|does|do|are|were|has|had|can|could|will) (?:he|she|they)(?!\p{L})`,
    String.raw`^what (?:does|did) it (?:do|mean|stand for|say)\b|^what is (?:it|this|that)\??$`,
    String.raw`^(?:what|who|why|how|when|where) \p{L}+ (?:there|here|then|them)\??$`,
    String.raw`^(?:er|sie|dies|diese[rsnm]?|ihre?|seine?)(?!\p{L})`,
    String.raw`^(?:was|wann|wo|warum|wie) (?:ist|war|hat|macht|tut|wurde|wird) (?:er|sie)(?!\p{L})`,
    String.raw`^(?:elle|ils|elles|cela|ceci)(?!\p{L})`,
    String.raw`^¿?(?:él|ella|ellos|ellas|esto|eso)(?!\p{L})`,
    String.raw`^(?:egli|ella|lui|loro|esso|essa|questo|questa)(?!\p{L})`,
    String.raw`^(?:ele|ela|eles|elas|isto|isso)(?!\p{L})`,
    String.raw`^(?:hij|zij|deze|dit)(?!\p{L})`,
    String.raw`^(?:он|она|они|оно|этот|эта|эти|его|её|их)(?!\p{L})`,
    '^(?:それ|これ|あれ|彼は|彼が|彼女|この(?!うち)|その)',
    '^(?:它|他们|她们|她|这个|这些|那个|那些|他(?=[是在的有为]))',
  ].join('|'),
  'iu',
)

const LEAST_WORDS = 3

function isVague(question: string): boolean {
  const text = question.trim()
  if (PRONOUN.test(text.replace(/^[¿¡\s]+/u, ''))) return true
  if (
    FORMULA.test(text) ||
    /^(?:define|state|name|definiere|nenne|définir|définis|define|defina)\s+\S{3,}/iu.test(text)
  )
    return false
  const words = wordsOf(text)
  const unspaced = words.filter((word) => UNSPACED.test(word)).length
  if (unspaced > 0) return unspaced * 0.75 + (words.length - unspaced) < LEAST_WORDS
  // without articles and copulas two words are a question
  const isTerse = !/\p{sc=Latin}/u.test(text)
  return words.length < (isTerse ? (/\p{sc=Hangul}/u.test(text) ? 1 : 2) : LEAST_WORDS)
}

/** A script that less of a source is written in than this is foreign to it. */
const OWN_SHARE = 0.2

function isForeign({ question, answer }: Card, source: SourceForm): boolean {
  const asked = scriptCounts(question)
  const letters = total(asked)
  if (letters < 3) return false
  const [script] = [...merged(asked)].sort((a, b) => b[1] - a[1])[0] ?? []
  const own = merged(source.scripts)
  if (total(own) === 0 || script === undefined) return false
  if ((own.get(script) ?? 0) < OWN_SHARE * total(own)) return true
  if (script === 'Han') return isOtherHan(asked, source.scripts)
  return isOtherLanguage(`${question} ${answer}`, source.language)
}

const total = (counts: Map<unknown, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0)

/** Kana and Han together, which Japanese writes side by side. */
function merged(counts: Map<Script, number>): Map<Script, number> {
  const all = new Map(counts)
  const kana = all.get('Kana') ?? 0
  all.delete('Kana')
  if (kana > 0) all.set('Han', (all.get('Han') ?? 0) + kana)
  return all
}

/** Chinese where the source is Japanese, and the other way round. */
function isOtherHan(card: Map<Script, number>, source: Map<Script, number>): boolean {
  const kana = (counts: Map<Script, number>) =>
    (counts.get('Kana') ?? 0) / Math.max(1, merged(counts).get('Han') ?? 0)
  const isJapanese = kana(source) > 0.15
  if (isJapanese) return kana(card) === 0 && total(card) >= 8
  return kana(source) < 0.03 && kana(card) > 0.2
}

/** A card whose common words are those of another language, and none of that of the source. */
function isOtherLanguage(card: string, language: Language | null): boolean {
  if (language === null) return false
  const counts = commonCounts([...new Set(wordsOf(card))])
  const own = counts.get(language) ?? 0
  const most = Math.max(...LANGUAGES.map((other) => counts.get(other) ?? 0))
  return most >= 3 && most >= 3 * own
}

const TAG =
  /<\/?(?:p|div|span|br|hr|b|i|u|em|strong|ul|ol|li|table|tbody|tr|td|th|h[1-6]|a|img|sub|sup|code|pre|font|script|style|html|body|head|blockquote)(?:\s[^<>]*)?\/?>/giu
const JSON_TEXT =
  /["'](?:question|answer|quote|cards|front|back)["']\s*:|^\s*[[{]\s*"|\}\s*,\s*\{|^\s*```json/im
const TEMPLATE =
  /\{\{c\d::|\{\{?\s*(?:question|answer|quota|language|source|front|back|quote)\s*\}?\}|\[page \d+\]|<\/?(?:source|card|question|answer|think)>|^\W*(?:question|answer|front|back)\W*$/im

/** What is left of how a reply is written. A source that has the same tag may be about it. */
function hasMarkup(text: string, source: string): boolean {
  const found = [
    ...(text.match(TAG) ?? []),
    ...[JSON_TEXT, TEMPLATE].flatMap((pattern) => pattern.exec(text)?.[0].trim() ?? []),
  ]
  return found.some((mark) => !source.includes(mark))
}

/** So many words in a row that the prompt has and the source has not. */
const LEAKED_WORDS = 7

function leaksPrompt(text: string, source: string, prompt: string): boolean {
  const rows = (words: readonly string[]) =>
    words.slice(LEAKED_WORDS - 1).map((_, at) => words.slice(at, at + LEAKED_WORDS).join(' '))
  const told = new Set(rows(wordsOf(prompt)))
  const leaked = rows(wordsOf(text)).filter((row) => told.has(row))
  if (leaked.length === 0) return false
  const own = ` ${wordsOf(source).join(' ')} `
  return leaked.some((row) => !own.includes(` ${row} `))
}
