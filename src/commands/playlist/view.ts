import type { DeckRow } from '../../db/decks.ts'
import { findPlaylist } from '../../db/find.ts'
import type { User } from '../../db/user.ts'
import type { View } from '../../ui/output.ts'
import { oneLine } from '../../ui/safe.ts'
import { examples, type Verb } from '../verb.ts'
import { decksOf, hiddenIn, playlistView, readPlaylist } from './shared.ts'

export const viewPlaylist: Verb = (playlist, run) => {
  const command = playlist
    .command('view <playlist>')
    .description('show the decks of a playlist, in their order')
    .action(
      run(async ({ db, user, out, term, now }, reference: string) => {
        const { playlist_id, name, description } = await findPlaylist(db, user, reference)
        const decks = await decksOf(db, user, now(), playlist_id)
        if (out.mode === 'json') {
          const whole = { ...(await readPlaylist(db, user, now(), playlist_id)), contents: decks }
          return out.one(playlistView, whole)
        }
        if (out.mode === 'table') {
          const title = description ? `${oneLine(name)}: ${oneLine(description)}` : oneLine(name)
          await out.write(`${term.style.bold(title)}\n`)
        }
        const empty = `There are no decks in it. Add some with: rote playlist add "${name}" <deck...>`
        await out.list({ ...contentsView(user), empty }, decks)
        if (out.mode !== 'table') return
        for (const deck_id of await hiddenIn(db, user, playlist_id))
          out.say(
            `A deck in it is in the trash, or not shared with you any more. Take it out: rote playlist remove "${name}" ${deck_id}`,
          )
      }),
    )
  examples(command, [
    ['rote playlist view Languages', 'its decks, and what is due in them'],
    ['rote playlist view Languages -q | xargs rote study --limit 20', 'the ids of its decks'],
  ])
}

/** The decks of a playlist: by the name by which they can be given to other commands. */
function contentsView(user: User): View<DeckRow> {
  return {
    columns: [
      { header: 'id', value: (deck) => deck.deck_id, hidden: true },
      {
        header: 'deck',
        value: (deck) => (deck.user_id === user.user_id ? deck.name : `${deck.owner}/${deck.name}`),
        flexible: true,
      },
      { header: 'cards', value: (deck) => deck.cards, align: 'right' },
      { header: 'due', value: (deck) => deck.due, align: 'right' },
      { header: 'new', value: (deck) => deck.new, align: 'right' },
    ],
    key: (deck) => deck.deck_id,
    empty: '',
  }
}
