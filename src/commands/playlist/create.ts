import { checkName } from '../../core/name.ts'
import { plural } from '../../core/plural.ts'
import { changing } from '../../db/changes.ts'
import { playlists } from '../../db/schema.ts'
import { conflict } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { findDecks, placeDecks, playlistView, readPlaylist } from './shared.ts'

export const createPlaylist: Verb = (playlist, run) => {
  const command = playlist
    .command('create <name> [deck...]')
    .description('make a playlist, of these decks in this order')
    .option('--description <text>', 'what it is for')
    .action(
      run(
        async (
          { db, user, out, now },
          called: string,
          references: string[],
          options: { description?: string },
        ) => {
          const name = checkName('playlist', called)
          const found = await findDecks(db, user, references)
          const playlist_id = await changing(db, user, async (tx) => {
            const [made] = await tx
              .insert(playlists)
              .values({ user_id: user.user_id, name, description: options.description || null })
              .onConflictDoNothing()
              .returning({ playlist_id: playlists.playlist_id })
            if (!made)
              throw conflict(
                `You already have a playlist "${name}".`,
                `Put decks in it: rote playlist add "${name}" <deck...>`,
              )
            await placeDecks(tx, user, { ...made, name }, found)
            return made.playlist_id
          })
          const row = await readPlaylist(db, user, now(), playlist_id)
          const of = found.length > 0 ? ` of ${plural(found.length, 'deck')}` : ''
          await out.done(playlistView, row, `Made the playlist "${name}"${of}.`)
          if (out.mode === 'table')
            out.say(
              found.length > 0
                ? `Study it: rote study --playlist "${name}"`
                : `Put decks in it: rote playlist add "${name}" <deck...>`,
            )
        },
      ),
    )
  examples(command, [
    ['rote playlist create Languages Spanish French', 'two decks, in this order'],
    ['rote playlist create Exams --description "what has to sit by May"', 'an empty one'],
  ])
}
