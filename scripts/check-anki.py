"""Anki's side of scripts/check-anki.ts: its own library imports, checks and exports. Prints what it has as JSON."""

import json
import os
import sys
import time

from anki.buildinfo import version
from anki.collection import (
    Collection,
    ExportAnkiPackageOptions,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
)
from anki.import_export_pb2 import IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_IF_NEWER as IF_NEWER


def counts(log):
    return {
        name: len(getattr(log.log, name))
        for name in (
            "new",
            "updated",
            "duplicate",
            "conflicting",
            "first_field_match",
            "missing_notetype",
            "missing_deck",
            "empty_first_field",
        )
    }


def take(col, path, scheduling):
    options = ImportAnkiPackageOptions(
        merge_notetypes=False,
        update_notes=IF_NEWER,
        update_notetypes=IF_NEWER,
        with_scheduling=scheduling,
        with_deck_configs=True,
    )
    return counts(col.import_anki_package(ImportAnkiPackageRequest(package_path=path, options=options)))


def described(col):
    """The collection as Anki sees it, in the order of its notes."""
    notes = []
    today = col.sched.today
    for nid in col.db.list("select id from notes order by id"):
        note = col.get_note(nid)
        cards = []
        for card in note.cards():
            rows = col.db.all(
                "select id, ease, ivl, lastIvl, factor, time, type from revlog where cid = ? order by id", card.id
            )
            state = card.memory_state
            cards.append(
                {
                    "ord": card.ord,
                    "deck": col.decks.name(card.odid or card.did),
                    "type": card.type,
                    "queue": card.queue,
                    "due": card.due - today if card.type == 2 else card.due,
                    "ivl": card.ivl,
                    "factor": card.factor,
                    "reps": card.reps,
                    "lapses": card.lapses,
                    "memory": [round(state.stability, 3), round(state.difficulty, 2)] if state else None,
                    "revlog": rows,
                    "question": card.question(),
                    "answer": card.answer(),
                }
            )
        notes.append(
            {
                "guid": note.guid,
                "type": note.note_type()["name"],
                "fields": note.fields,
                "tags": note.tags,
                "cards": cards,
            }
        )
    media = sorted(os.listdir(col.media.dir()))
    return {
        "notes": notes,
        "decks": sorted(deck.name for deck in col.decks.all_names_and_ids()),
        "types": sorted(kind.name for kind in col.models.all_names_and_ids()),
        "revlog": col.db.scalar("select count() from revlog"),
        "media": media,
        "missing": list(col.media.check().missing),
    }


def export(col, path, legacy):
    options = ExportAnkiPackageOptions(
        with_scheduling=True, with_deck_configs=True, with_media=True, legacy=legacy
    )
    return col.export_anki_package(out_path=path, options=options, limit=None)


def main(folder):
    def at(name):
        return os.path.join(folder, name)

    col = Collection(at("collection.anki2"))
    said = {"version": version}
    start = time.time()
    said["first"] = take(col, at("deck.apkg"), True)
    said["seconds"] = time.time() - start
    said["again"] = take(col, at("deck.apkg"), True)
    said["changed"] = take(col, at("changed.apkg"), True)
    said["integrity"] = list(col._backend.check_database())
    said["described"] = described(col)
    said["exported"] = [export(col, at("legacy.apkg"), True), export(col, at("latest.apkg"), False)]
    # an ordinary note of Anki's beside ours, and one of ours that somebody has edited
    basic = col.models.by_name("Basic")
    note = col.new_note(basic)
    note["Front"], note["Back"] = "von Anki", "<b>ja</b>"
    col.add_note(note, col.decks.id("Anki::Eigenes"))
    ours = col.get_note(col.db.scalar("select min(id) from notes"))
    ours["Back"] = "edited in Anki<br>two lines"
    ours.tags.append("added")
    col.update_note(ours)
    said["exported"].append(export(col, at("edited.apkg"), False))
    other = Collection(at("plain.anki2"))
    said["plain"] = take(other, at("plain.apkg"), False)
    said["plainIntegrity"] = list(other._backend.check_database())
    said["plainStates"] = other.db.all("select type, queue, count() from cards group by type, queue order by type, queue")
    # ids are times, so packages of one moment have the same
    said["beside"] = take(other, at("beside.apkg"), False)
    said["besideIntegrity"] = list(other._backend.check_database())
    other.close()
    col.close()
    json.dump(said, sys.stdout)


main(sys.argv[1])
