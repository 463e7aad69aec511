/**
 * Ten people in streamed chats at once, against one person alone with the very same requests.
 * Made by squall export k6 from ten-users.yaml. Run it with
 *
 *     k6 run ten-users.ts -e SQUALL_TARGET=http://127.0.0.1:9100/openai/v1
 *
 * SQUALL_TARGET is a base URL as an SDK takes it, SQUALL_API_KEY its key, SQUALL_HEADERS more headers as a JSON object.
 *
 * Not expressed:
 *   * phase warmup is not played before the load; -e SQUALL_PHASE=warmup plays it alone
 *   * phase baseline is not played before the load; -e SQUALL_PHASE=baseline plays it alone
 *   * objective degradation.ttft.p95: <= 10%
 *   * objective degradation.e2e.p95: <= 10%
 */
import type { K6Plan } from "../../core/k6-plan.ts";
import { programOf } from "./play.ts";

const plan: K6Plan = JSON.parse(open("./ten-users.plan.json"));

export const { options, setup, play, teardown } = programOf(plan, (phase) => open(`./ten-users.${phase}.ndjson`));
export default play;
