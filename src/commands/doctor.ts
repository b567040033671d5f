import type { ChalkInstance } from 'chalk'
import { plural } from '../core/plural.ts'
import type { Check } from '../doctor/check.ts'
import { checkDatabase } from '../doctor/database.ts'
import { checkConfig, checkEditor, checkHome, checkTerminal, checkVersions } from '../doctor/machine.ts'
import { checkProvider } from '../doctor/provider.ts'
import { CliError } from '../errors.ts'
import type { View } from '../ui/output.ts'
import { oneLine } from '../ui/safe.ts'
import { examples, type Verb } from './verb.ts'

const doctor: Verb = (doctor, run) => {
  doctor.action(
    run.anyhow(async ({ config, out, term, now, trouble, env, nodeVersion }) => {
      const [database, provider] = await Promise.all([checkDatabase(config, now), checkProvider(config)])
      const all = [
        ...checkVersions(nodeVersion),
        checkConfig(config, trouble),
        ...checkHome(config),
        ...database,
        ...checkTerminal(term, config, env),
        checkEditor(config, env),
        provider,
      ]
      const failed = all.filter(({ state }) => state === 'fail')
      if (out.mode === 'table') await out.write(all.map((check) => shown(check, term.style)).join(''))
      else await out.list(checkView, out.mode === 'quiet' ? failed : all)
      if (failed.length > 0)
        throw new CliError(
          'failure',
          `${plural(failed.length, 'check')} failed: ${failed.map(({ check }) => check).join(', ')}.`,
        )
    }),
  )
  examples(doctor, [
    ['rote doctor', 'is everything as it should be?'],
    ['rote doctor --json | jq \'.[] | select(.state != "ok")\'', 'what is not, for a report'],
  ])
}
export default doctor

/** What is found takes more room than a column has. */
function shown({ check, state, found, todo }: Check, style: ChalkInstance): string {
  const colour = { ok: style.green, warn: style.yellow, fail: style.red }[state]
  const line = `${colour(state.padEnd(4))}  ${check.padEnd(8)}  ${oneLine(found)}\n`
  return todo === null ? line : `${line}${' '.repeat(16)}${oneLine(todo)}\n`
}

/** --quiet names what failed. */
const checkView: View<Check> = {
  columns: [
    { header: 'check', value: (check) => check.check },
    { header: 'state', value: (check) => check.state },
    { header: 'what was found', value: (check) => check.found, flexible: true },
    { header: 'what to do', value: (check) => check.todo, flexible: true },
  ],
  key: (check) => check.check,
  empty: '',
}
