import { Option } from 'commander'
import { findDeck, findPlaylist } from '../../db/find.ts'
import { usage } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { findDecks, placeDecks, playlistView, quoted, readPlaylist } from './shared.ts'

export const addToPlaylist: Verb = (playlist, run) => {
  const command = playlist
    .command('add <playlist> <deck...>')
    .description('put decks into a playlist, at its end or elsewhere; moves those in it')
    .addOption(new Option('--first', 'at its beginning').conflicts('after'))
    .option('--after <deck>', 'behind this one')
    .action(
      run(
        async (
          { db, user, out, now },
          reference: string,
          references: string[],
          options: { first?: true; after?: string },
        ) => {
          const found = await findPlaylist(db, user, reference)
          const decks = await findDecks(db, user, references)
          const after = options.after === undefined ? undefined : await findDeck(db, user, options.after)
          if (decks.some(({ deck_id }) => deck_id === after?.deck_id))
            throw usage(`"${after?.name}" cannot go behind itself.`)
          const were = await placeDecks(db, user, found, decks, {
            first: options.first ?? false,
            ...(after && { after }),
          })
          const added = decks.filter(({ deck_id }) => !were.includes(deck_id))
          const there = decks.filter(({ deck_id }) => were.includes(deck_id))
          const already =
            options.first || after
              ? `Moved ${quoted(there)} in "${found.name}".`
              : `${quoted(there)} ${there.length === 1 ? 'is' : 'are'} in "${found.name}" already.`
          const sentences = [
            ...(added.length > 0 ? [`Added ${quoted(added)} to "${found.name}".`] : []),
            ...(there.length > 0 ? [already] : []),
          ]
          const row = await readPlaylist(db, user, now(), found.playlist_id)
          await out.done(playlistView, row, sentences.join('\n'))
          if (out.mode === 'tsv' && there.length > 0) out.say(already)
        },
      ),
    )
  examples(command, [
    ['rote playlist add Languages Italian bert/Botany', 'two more, one that bert shares'],
    ['rote playlist add Languages Italian --first', 'to the front; moves it when it is there'],
    ['rote playlist add Languages Italian --after French', 'behind another'],
  ])
}
