/** Reads what `squall probe --out` has written. */
import * as z from "zod";
import { failoverSchema } from "../../behavior/gateway-profiles/profile-file.ts";
import { invalidInput } from "../../core/errors.ts";
import { outcomes } from "../../core/record.ts";
import { readInputFile } from "../input-file.ts";
import { dialectNames, type ProbeFindings } from "./findings.ts";

const number = z.number();
const text = z.string();
const yes = z.boolean();

const schema: z.ZodType<ProbeFindings> = z.object({
  format: z.literal(1),
  gateway: text,
  probedAt: text,
  policy: z.object({ retries: number, retryOn: z.array(number) }),
  answers: z.array(
    z.object({
      dialect: z.enum(dialectNames),
      question: text,
      stream: yes,
      status: number,
      outcome: z.enum(outcomes),
      reason: text,
      finishReason: text,
      done: yes,
      errorTold: yes,
      looksHealthy: yes,
      retryAfterPassedOn: yes,
      tookMs: number,
      calls: number,
      callStatuses: z.array(number),
      waitsMs: z.array(number),
      cost: number,
      usageTold: number.optional().transform((tokens) => tokens),
      usageTrue: number,
      providerStops: yes.optional().transform((stops) => stops),
    }),
  ),
  pauses: z.array(
    z.object({
      status: number,
      requests: number,
      answeredWithoutCall: number,
      longestMs: number,
      statusMeanwhile: number,
    }),
  ),
  habits: z.object({
    headersPassedOn: z.array(text),
    fallsBack: yes,
    fallsBackAfterRefusal: yes.optional().transform((falls) => falls),
    fallsBackInStream: yes,
    stopsUpstreamOfLeavingStream: yes,
    stopsUpstreamOfLeavingWhole: yes,
    drains: yes,
  }),
  profile: z.object({
    failover: failoverSchema,
    cancelsUpstream: yes,
    cooldownMs: z.record(text, number),
  }),
});

/** Throws `findings-invalid`, and what `readInputFile` throws. */
export async function readFindings(file: string): Promise<ProbeFindings> {
  const read = schema.safeParse(parsed(await readInputFile(file)), { reportInput: true });
  if (read.success) return read.data;
  throw invalidInput(`${file} holds no findings of a probe`, {
    code: "findings-invalid",
    problems: read.error.issues.map(({ path, message }) => ({ path: path.join("."), message })),
    hint: "write one with squall probe --gateway NAME --out FILE",
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
