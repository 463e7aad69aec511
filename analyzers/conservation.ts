/**
 * Conservation: what the clients saw ties to what the providers counted, to the call, the token and the nano-dollar.
 *
 * Every call a provider counted belongs to a request, every token it generated was received or wasted, every charge is
 * somebody's. A run in which this does not hold has lost records or counted somebody else's traffic: it is inconclusive. Ties that hold are
 * information, since a balanced ledger says nothing about how fast anybody was answered.
 */
import type { Finding } from "../core/finding.ts";
import { addMoney } from "../core/money.ts";
import { isGenerated, isOk, type RequestRecord } from "../core/record.ts";
import type { OwnCalls, ProviderLedger, Run, UsageBin } from "../core/run.ts";

/** Two counts of the same thing. `low` and `high` are what the other side allows; equal when it has to be exact. */
interface Tie {
  readonly id: string;
  readonly what: string;
  readonly counted: number;
  readonly low: number;
  readonly high: number;
}

/** One finding for each tie that is broken, or one that says how many hold. Nothing for a run that lost its end or has no ledger. */
export function conservationFindings(run: Run): readonly Finding[] {
  const { providers, status, ownCalls } = run.manifest;
  if (providers.length === 0 || status !== "complete") return [];
  const ties = [...recordTies(run.records, providers, ownCalls ?? noCalls), ...providers.flatMap(ledgerTies)];
  const broken = ties.filter((tie) => tie.counted < tie.low || tie.counted > tie.high);
  if (broken.length === 0) {
    return [
      {
        analyzer: "conservation",
        id: "conservation",
        title: "Records tie to the providers' ledgers",
        detail: `${ties.length} counts of calls, tokens and dollars agree`,
      },
    ];
  }
  return broken.map((tie) => ({
    analyzer: "conservation",
    id: `conservation.${tie.id}`,
    title: `${tie.what} do not tie to the providers' ledgers`,
    judgement: "inconclusive",
    measured: tie.counted,
    unit: tie.id === "cost" || tie.id.endsWith(".cost") ? "money" : "count",
    limit: tie.low === tie.high ? `== ${tie.low}` : `${tie.low} .. ${tie.high}`,
    detail: "records were lost, or somebody else called the providers during the run",
  }));
}

const noCalls: OwnCalls = { calls: 0, inputTokens: 0, outputTokens: 0, cost: 0 };

/** Records of all phases, and the platform's own calls, against all ledgers: providers count warm-up and baseline too. */
function recordTies(
  records: readonly RequestRecord[],
  providers: readonly ProviderLedger[],
  own: OwnCalls,
): readonly Tie[] {
  const ofRecords = (field: (record: RequestRecord) => number): number => total(records, field);
  const ofLedgers = (field: (ledger: ProviderLedger) => number): number => total(providers, field);
  const cost = providers.reduce((sum, ledger) => addMoney(sum, ledger.cost), 0);
  return [
    exact(
      "calls",
      "Upstream calls",
      own.calls + ofRecords((record) => record.upstreamCalls),
      ofLedgers((ledger) => ledger.calls),
    ),
    exact(
      "cost",
      "Charges",
      records.reduce((sum, record) => addMoney(sum, record.cost), own.cost),
      cost,
    ),
    exact(
      "output-tokens",
      "Output tokens, received and wasted,",
      // What a gateway had kept, no provider has generated.
      own.outputTokens + ofRecords((record) => (isGenerated(record) ? record.outputTokens : 0) + record.wastedTokens),
      ofLedgers((ledger) => ledger.outputTokens),
    ),
    {
      // A refused call has a prompt that nobody pays for, so failed requests leave a range.
      id: "input-tokens",
      what: "Input tokens",
      counted: ofLedgers((ledger) => ledger.inputTokens),
      low: own.inputTokens + ofRecords((record) => (isOk(record) && record.upstreamCalls > 0 ? record.inputTokens : 0)),
      high: own.inputTokens + ofRecords((record) => record.inputTokens * record.upstreamCalls),
    },
  ];
}

/** A ledger against itself: its calls by what became of them, and its bins of time. */
function ledgerTies(ledger: ProviderLedger): readonly Tie[] {
  const name = ledger.provider;
  const { served, refused, failed, usage } = ledger;
  const binned = (field: (bin: UsageBin) => number): number => total(usage, field);
  return [
    exact(`${name}.fates`, `Calls of ${name} by fate`, served + refused + failed, ledger.calls),
    exact(
      `${name}.bins.calls`,
      `Calls of ${name} over time`,
      binned((bin) => bin.calls),
      ledger.calls,
    ),
    exact(
      `${name}.bins.input`,
      `Input tokens of ${name} over time`,
      binned((bin) => bin.inputTokens),
      ledger.inputTokens,
    ),
    exact(
      `${name}.bins.output`,
      `Output tokens of ${name} over time`,
      binned((bin) => bin.outputTokens),
      ledger.outputTokens,
    ),
    exact(
      `${name}.bins.cost`,
      `Charges of ${name} over time`,
      binned((bin) => bin.cost),
      ledger.cost,
    ),
  ];
}

function exact(id: string, what: string, counted: number, expected: number): Tie {
  return { id, what, counted, low: expected, high: expected };
}

function total<T>(items: readonly T[], field: (item: T) => number): number {
  return items.reduce((sum, item) => sum + field(item), 0);
}
