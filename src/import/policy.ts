/** What to do with a card that is there already. */
export const ON_DUPLICATE = ['skip', 'update', 'keep', 'error'] as const
export type OnDuplicate = (typeof ON_DUPLICATE)[number]

/** What to do when a record cannot be read. */
export const ON_ERROR = ['abort', 'skip'] as const
export type OnError = (typeof ON_ERROR)[number]
