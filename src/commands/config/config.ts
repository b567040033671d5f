import type { Verb } from '../verb.ts'
import { getConfig } from './get.ts'
import { listConfig } from './list.ts'
import { setConfig } from './set.ts'

const config: Verb = (config, run) => {
  for (const verb of [listConfig, getConfig, setConfig]) verb(config, run)
}
export default config
