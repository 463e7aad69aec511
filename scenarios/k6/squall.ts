/**
 * The general program: plays a phase of the plan in folder `SQUALL_PLAN`. This is what `squall run --engine k6` runs.
 */
import type { K6Plan } from "../../core/k6-plan.ts";
import { programOf } from "./play.ts";

const folder = __ENV["SQUALL_PLAN"] ?? ".";
const plan: K6Plan = JSON.parse(open(`${folder}/plan.json`));

export const { options, setup, play, teardown } = programOf(plan, (phase) => open(`${folder}/${phase}.ndjson`));
export default play;
