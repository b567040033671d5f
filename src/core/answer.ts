export interface Judgement {
  verdict: 'right' | 'close' | 'wrong' | 'empty'
  best: string
  suggested: 'again' | 'almost' | 'got_it'
  parts: { kind: 'same' | 'forgiven' | 'missing' | 'extra' | 'wrong'; text: string }[]
}
export function judgeAnswer(
  typed: string,
  card: { answer: string; accepted_answers: readonly string[] },
  _o: { strict: boolean },
): Judgement {
  const right = [card.answer, ...card.accepted_answers].includes(typed)
  return {
    verdict: right ? 'right' : 'wrong',
    best: card.answer,
    suggested: right ? 'got_it' : 'again',
    parts: [],
  }
}
