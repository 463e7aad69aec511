/** The schema of scenario files for editors: completion, descriptions and checks while typing. */
import * as z from "zod";
import { scenarioSchema } from "./schema.ts";

/** JSON Schema (draft 2020-12) of what people write. Sums, names that must meet and limits' units are checked by Squall only. */
export function scenarioJsonSchema(): object {
  const schema = z.toJSONSchema(scenarioSchema, { io: "input", unrepresentable: "any" });
  return { ...schema, title: "Squall scenario" };
}
