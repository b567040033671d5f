import type { Verb } from '../verb.ts'
import { addShare } from './add.ts'
import { listShares } from './list.ts'
import { revokeShare } from './revoke.ts'

const share: Verb = (share, run) => {
  for (const verb of [addShare, listShares, revokeShare]) verb(share, run)
}
export default share
