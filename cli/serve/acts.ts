/** What a page may ask the server to do, as it comes over the wire. */
import * as z from "zod";
import { saidCharactersMax } from "../../runbooks/engine/responder.ts";

/** Largest body of a request, in bytes: a note, its name and some JSON around them. */
export const actBytesMax = 65_536;

const name = z.string().trim().min(1).max(60);
const text = z.string().trim().min(1).max(saidCharactersMax);

/** `name` is who does it. */
export type Act =
  | Begin
  | {
      readonly act: "answer";
      readonly name: string;
      readonly question: string;
      readonly yes: boolean;
      readonly note?: string | undefined;
      readonly value?: string | number | undefined;
    }
  | { readonly act: "note" | "end"; readonly name: string; readonly text: string }
  /** Clears the table for another drill. */
  | { readonly act: "again"; readonly name: string };

export interface Begin {
  readonly act: "begin";
  readonly name: string;
  readonly runbook: string;
  /** Path of one that the server offers, in place of the runbook's own; empty or left out: its own. */
  readonly scenario?: string | undefined;
  readonly world: "simulated" | "live" | "tabletop";
  /** Scenario seconds per second between questions; 0: as fast as it can. */
  readonly pace: number;
}

const actSchema: z.ZodType<Act> = z.discriminatedUnion("act", [
  z.strictObject({
    act: z.literal("begin"),
    name,
    runbook: z.string().max(500),
    scenario: z.string().max(500).optional(),
    world: z.enum(["simulated", "live", "tabletop"]),
    pace: z.number().min(0).max(1_000),
  }),
  z.strictObject({
    act: z.literal("answer"),
    name,
    question: z.string().max(500),
    yes: z.boolean(),
    note: text.optional(),
    value: z.union([z.number(), text]).optional(),
  }),
  z.strictObject({ act: z.enum(["note", "end"]), name, text }),
  z.strictObject({ act: z.literal("again"), name }),
]);

/** The act, or why it is none. */
export function parseAct(body: string): Act | string {
  const parsed = actSchema.safeParse(dataOf(body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join(".") ?? "it"}: ${issue?.message ?? "is no act"}`;
}

function dataOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
