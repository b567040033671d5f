import type { Verb } from '../verb.ts'
import { reviewJob } from './review.ts'
import { undoJob } from './undo.ts'

const VERBS = [reviewJob, undoJob]

const generate: Verb = (generate, run) => {
  for (const verb of VERBS) verb(generate, run)
}
export default generate
