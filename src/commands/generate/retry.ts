import { findJob } from '../../db/find.ts'
import { conflict } from '../../errors.ts'
import { jobDeck } from '../../generate/waiting.ts'
import { amount, count, examples, oneOf, type Verb } from '../verb.ts'
import { goOn } from './go-on.ts'
import {
  ACCEPT,
  type Accept,
  acceptOption,
  type ProviderFlags,
  pricesFor,
  providerFlags,
  providerOf,
} from './options.ts'
import { readJob, short } from './shared.ts'

interface Options extends ProviderFlags {
  accept?: Accept
  async?: true
  maxTokens?: number
  maxCost?: number
}

export const retryJob: Verb = (generate, run) => {
  const command = generate
    .command('retry <job>')
    .description('go on with a job: with what it had not done yet, and with what had failed')
    .option(
      '--accept <which>',
      `which become cards unseen: ${ACCEPT.join(', ')}; review: you decide on each`,
      oneOf(ACCEPT),
    )
    .option('--max-tokens <n>', 'stop before more tokens are used in all', count)
    .option('--max-cost <amount>', 'stop before it costs more in all', amount)
    .option('--async', 'answer at once, and work in the background')
  providerFlags(command).action(
    run(async (context, reference: string, options: Options) => {
      const { db, user, config } = context
      const { job_id } = await findJob(db, user, reference)
      const job = await readJob(db, user, job_id)
      if (job.status === 'done' && job.outcome !== 'partial')
        throw conflict('Nothing is left to do of this job.', `See: rote generate view ${short(job_id)}`)
      // no money for cards that have nowhere to go
      await jobDeck(db, user, job_id)
      const hasPrices = job.options.price_in !== undefined && job.options.price_out !== undefined
      const settings = job.base_url === null ? null : await providerOf(config, job, options)
      await goOn(context, job_id, settings, {
        ...options,
        reopen: {
          ...(!hasPrices && pricesFor(config, options.maxCost)),
          ...acceptOption(options.accept),
          ...(options.maxTokens !== undefined && { max_tokens: options.maxTokens }),
          ...(options.maxCost !== undefined && { max_cost: options.maxCost }),
        },
      })
    }),
  )
  examples(command, [
    ['rote generate retry 3f9a', 'after an interruption, or when the provider is back'],
    ['rote generate retry 3f9a --max-cost 2 --async', 'with more money, in the background'],
  ])
}
