import { type Review, shownItem } from '../core/generate/review.ts'
import { REVIEW_KEYS } from '../core/generate/review-keys.ts'
import { GAP, labelled, namesOf, tidy } from '../ui/frame.ts'
import { padEnd } from '../ui/text.ts'
import {
  endText,
  evidenceTitle,
  factsOf,
  flagsText,
  noticeOf,
  type ReviewLook,
  reviewHints,
} from './review-screen.ts'

/**
 * What a dumb terminal or a screen reader is told after a step: what was just done, then what is now shown, line by line.
 * It is for a review that changed.
 */
export function reviewPlain(before: Review | null, review: Review, look: ReviewLook): string[] {
  const said = noticeOf(review)
  const notice = said && (!before || said !== noticeOf(before)) ? [`   ${tidy(said)}`] : []
  const isSame =
    before?.showing.phase === review.showing.phase && before.at === review.at && before.items === review.items
  return [...notice, ...(isSame ? [] : plainShowing(review, look))]
}

function plainShowing(review: Review, look: ReviewLook): string[] {
  const { showing, at, items } = review
  const item = shownItem(review)
  const keys = `   ${reviewHints(review, look)
    .map(({ name }) => name)
    .join(GAP)}`
  switch (showing.phase) {
    case 'candidate': {
      if (!item) return []
      const { candidate } = item
      const flags = flagsText(candidate)
      return [
        [`${at + 1} of ${items.length}`, ...factsOf(item)].join(', '),
        ...labelled('Q', candidate.question),
        ...labelled('A', candidate.answer),
        ...labelled('W', evidenceTitle(candidate)),
        ...(candidate.quote === null ? [] : labelled(' ', `“${candidate.quote}”`)),
        ...(flags ? labelled('!', flags) : []),
        keys,
      ]
    }
    case 'remark':
      return ['   What should be different? Or nothing, for another try.', keys]
    case 'source':
      return showing.text === null
        ? ['   The text of this section is not kept any more.']
        : [...labelled('W', showing.text), keys]
    case 'help':
      return REVIEW_KEYS.filter(({ action }) => action !== 'close').map(
        (binding) => `   ${padEnd(namesOf(binding), 10)}${binding.help}`,
      )
    case 'end':
      return [`   ${endText(review)}`, keys]
    case 'confirm':
    case 'asking':
      return [keys]
    case 'left':
      return []
    default:
      return showing satisfies never
  }
}
