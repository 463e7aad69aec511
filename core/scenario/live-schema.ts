/**
 * What matters to a live run only: the `live` part of the `platform` section.
 *
 *     live: { port: 18790, headers: { x-team: checkout } }
 */
import * as z from "zod";
import type { LiveSpec } from "./platform-spec.ts";
import { count, fields, type NameRule, namesTo, text } from "./written.ts";

/** Token of RFC 9110, section 5.1, without what a proxy could misread. */
const headerName: NameRule = {
  name: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  allowed: "lowercase letters, digits and hyphens",
};

export const liveSchema: z.ZodType<LiveSpec> = fields(
  {
    port: count("Port on this machine where the gateway listens. Default: a free one.", 1_024, 65_535).optional(),
    headers: namesTo(
      text("printable ASCII, up to 1,024 characters", "What it says.", /^[\u0020-\u007e]{1,1024}$/),
      "values",
      "Headers that clients send with every request, by lowercase name.",
      headerName,
    ).optional(),
  },
  "What matters to a live run only.",
).transform((written): LiveSpec => ({
  ...(written.port === undefined ? {} : { port: written.port }),
  ...(written.headers === undefined ? {} : { headers: written.headers }),
}));
