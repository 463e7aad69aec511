/** Conversations, told from the keys of their requests. */

/** Conversation that a key belongs to: the key without its turn (`u3.s0.t2` -> `u3.s0`); a single request is its own. */
export function conversationOf(key: string): string {
  const turn = key.lastIndexOf(".t");
  return turn === -1 ? key : key.slice(0, turn);
}
