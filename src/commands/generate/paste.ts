import { text } from 'node:stream/consumers'
import { plural } from '../../core/plural.ts'
import { findJob } from '../../db/find.ts'
import { conflict } from '../../errors.ts'
import { handIn } from '../../generate/copy.ts'
import { readWorkingJob } from '../../generate/job.ts'
import { openSource } from '../../import/source.ts'
import { examples, type Verb } from '../verb.ts'
import { tellPrompt } from './go-on.ts'
import { jobView, readJob, short } from './shared.ts'

export const pasteAnswer: Verb = (generate, run) => {
  const command = generate
    .command('paste <job> [file]')
    .description("hand in a model's answer to the prompt that --copy gave; then comes the next prompt")
    .action(
      run(async (context, reference: string, file: string | undefined) => {
        const { db, user, out, term } = context
        const { job_id } = await findJob(db, user, reference)
        const job = await readWorkingJob(db, user, job_id)
        if (!job.options.copy)
          throw conflict(
            'This job has a provider, which answers it.',
            `Go on with it: rote generate retry ${short(job_id)}`,
          )
        const { bytes } = await openSource(file, term.stdin, 'Pipe the answer in, or name a file with it.')
        const cards = await handIn(db, user, job, term.here, await text(bytes))
        out.say(`${plural(cards, 'card')}.`)
        if (await tellPrompt(context, job)) return
        const done = await readJob(db, user, job_id)
        await out.done(
          jobView,
          done,
          `All answers are in. ${plural(done.waiting, 'card')} wait for you: rote generate review ${short(job_id)}`,
        )
      }),
    )
  examples(command, [
    ['rote generate paste 3f9a answer.json', 'an answer that you have saved'],
    [
      'llm < prompt.txt | rote generate paste 3f9a > next.txt',
      'a model on this machine, and the next prompt',
    ],
  ])
}
