import { and, sql } from 'drizzle-orm'
import { aiJobs } from '../../db/schema.ts'
import { type Fetch, listPage, type PageOptions, paged } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { type JobRow, jobView, newestFirst, ownJob, selectJobs } from './shared.ts'

export const listJobs: Verb = (generate, run) => {
  const command = paged(generate.command('list'))
    .alias('ls')
    .description('list jobs, the newest first')
    .action(
      run(async ({ db, user, out }, options: PageOptions) => {
        const fetch: Fetch<JobRow> = ({ last, offset, limit }) =>
          selectJobs(db, user)
            .where(
              and(
                ownJob(user),
                // the database knows the moment to the microsecond, a Date does not
                last &&
                  sql`(${aiJobs.created_at}, ${aiJobs.job_id}) <
                    (select before.created_at, before.job_id from ${aiJobs} before where before.job_id = ${last.job_id})`,
              ),
            )
            .orderBy(...newestFirst)
            .limit(limit)
            .offset(offset)
        await listPage(out, jobView, options, fetch)
      }),
    )
  examples(command, [
    ['rote generate list', 'what was made, is being made, and waits for you'],
    [`rote generate list --json | jq -r '.[] | select(.waiting > 0) | .job_id'`, 'jobs to review'],
  ])
}
