import type { Command } from 'commander'
import type { Config } from '../../config.ts'
import type { JobOptions } from '../../core/generate/job.ts'
import { usage } from '../../errors.ts'
import type { ProviderSettings } from '../../generate/endpoint.ts'
import type { NewOptions, WorkingJob } from '../../generate/job.ts'
import { count } from '../verb.ts'

/** What becomes of the cards: in a terminal they are reviewed unless something else is said, elsewhere they wait. */
export const ACCEPT = ['review', 'verified', 'all', 'none'] as const
export type Accept = (typeof ACCEPT)[number]

/** What a job keeps of that, for a worker who ends it in the background; a word that means a look takes it back. */
export function acceptOption(accept: Accept | undefined): Pick<NewOptions, 'accept'> {
  if (accept === undefined) return {}
  return { accept: accept === 'verified' || accept === 'all' ? accept : null }
}

/** Prices for a job, if the config has them. Throws usage for a limit of money that could not be kept without. */
export function pricesFor(
  { provider: { priceIn, priceOut } }: Config,
  maxCost: number | undefined,
): Pick<JobOptions, 'price_in' | 'price_out'> {
  if (priceIn !== null && priceOut !== null) return { price_in: priceIn, price_out: priceOut }
  if (maxCost === undefined) return {}
  throw usage(
    '--max-cost needs the prices of the model.',
    'Per million tokens, say: rote config set price_in 0.25 && rote config set price_out 2',
  )
}

/** What of the provider is not part of the job, but of who works on it. */
export interface ProviderFlags {
  concurrency?: number
  idleTimeout?: number
}

/** What can be said about the provider in all. */
export interface ChoiceFlags extends ProviderFlags {
  baseUrl?: string | null
  model?: string | null
  temperature?: number | undefined
  reasoningEffort?: string | undefined
}

/** The provider that flags and configuration come to. Throws as `providerSettings` does. */
export async function chooseProvider({ provider }: Config, flags: ChoiceFlags): Promise<ProviderSettings> {
  // listing a server's models is all that it can wait for, and Ctrl-C ends the program here
  const { signal } = new AbortController()
  const { providerSettings } = await import('../../generate/endpoint.ts')
  const { temperature, reasoningEffort, idleTimeout } = flags
  return providerSettings(
    {
      baseURL: flags.baseUrl ?? provider.baseURL,
      model: flags.model ?? provider.model,
      key: provider.key,
      keyHost: provider.keyHost,
      concurrency: flags.concurrency ?? provider.concurrency,
      ...(temperature !== undefined && { temperature }),
      ...(reasoningEffort !== undefined && { reasoningEffort }),
      ...(idleTimeout !== undefined && { idleMs: idleTimeout * 1000 }),
    },
    signal,
  )
}

/** The provider of a job that was made before, which is part of it. */
export function providerOf(
  config: Config,
  { base_url, model, options }: Pick<WorkingJob, 'base_url' | 'model' | 'options'>,
  flags: ProviderFlags,
): Promise<ProviderSettings> {
  const { temperature, reasoning_effort: reasoningEffort } = options
  return chooseProvider(config, { ...flags, baseUrl: base_url, model, temperature, reasoningEffort })
}

/** Adds the flags that are about how the provider is asked, not what. */
export function providerFlags(command: Command): Command {
  return command
    .option('--concurrency <n>', 'sections to ask about at a time (default: 4, and 1 on this machine)', count)
    .option('--idle-timeout <seconds>', 'how long a reply may stand still (default: 60)', count)
}
