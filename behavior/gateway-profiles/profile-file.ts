/**
 * A gateway's profile as a file: what `squall calibrate --out` writes, and a scenario takes as `platform.gateway-profile: ./mine.json`.
 */
import * as z from "zod";
import { invalidInput } from "../../core/errors.ts";
import type { Failover, GatewayProfile } from "../gateway-profile.ts";

/** No profile is larger: they are one or two kilobytes. */
export const profileFileBytesMax: number = 64 * 1024;

const ms = z.number().min(0).max(3_600_000);
const share = z.number().min(0).max(1);
const status = z.int().min(100).max(599);
const always = z.literal(true);
/** Absent and `undefined` are the same here. */
const maybe = <Value>(schema: z.ZodType<Value>): z.ZodOptional<z.ZodType<Value>> => schema.optional();

/** What a gateway does about failures; a probe writes it too. */
export const failoverSchema: z.ZodType<Failover> = z.strictObject({
  backoffMs: ms,
  connectionStatus: status,
  backoffMsMax: maybe(ms),
  jitterMs: maybe(ms),
  jitterShare: maybe(share),
  retryAfterMsMax: maybe(ms),
  waitsAfterLast: maybe(always),
  repeats: maybe(z.strictObject({ never: z.array(status), asTold: z.array(status) })),
  fallsBackAlways: maybe(always),
  retriesRoute: maybe(always),
  failureStatus: maybe(status),
  hidesRetryAfter: maybe(always),
  pause: maybe(z.strictObject({ statuses: z.array(status), forMs: ms })),
});

const profile: z.ZodType<GatewayProfile> = z
  .strictObject({
    name: z.string().min(1),
    version: z.string(),
    requestCpuMs: ms,
    chunkCpuMs: ms,
    coalescedChunkCpuMs: ms,
    endCpuMs: ms,
    // Not in files of before 2026-11-21.
    streamCpuMs: ms.default(0),
    busyRequestShare: share,
    busyChunkShare: share,
    warmMs: ms,
    requestTurns: z.int().min(1).max(10),
    firstChunkDelayMs: ms,
    networkMs: ms,
    failover: maybe(failoverSchema),
    cancelsUpstream: z.boolean(),
    status: z.enum(["validated", "modelled", "assumed"]),
    source: z.string(),
  })
  .transform((read) => ({ ...read, failover: read.failover }));

/** What else the file says is for people. */
const file = z.object({ format: z.literal(1), profile });

/** Throws `gateway-profile-invalid` with all that is wrong. `name` is what messages call it. */
export function parseGatewayProfile(text: string, name: string): GatewayProfile {
  const read = file.safeParse(dataOf(text), { reportInput: true });
  if (read.success) return read.data.profile;
  throw invalidInput(`${name} is no gateway's profile that could be simulated`, {
    code: "gateway-profile-invalid",
    problems: read.error.issues.map(({ path, message }) => ({ path: path.join("."), message })),
    hint: "write one with squall calibrate --gateway NAME --out FILE",
  });
}

function dataOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
