/** A new runbook that lints clean: every phase, a step of most kinds, and words that say what to write in their place. */
import { titled } from "./titles.ts";

export function scaffoldRunbook(id: string): string {
  return template.replaceAll("TITLE", titled(id.replaceAll("-", " "))).replace("ID", id);
}

const template = `---
id: ID
title: TITLE
version: 1
severity: SEV3 / P2
owner: name-of-a-team
services: [gateway]
prerequisites:
  - What the responder must be allowed to do.
blast-radius: [route]
limits: { time: 30m, cost: $5, errors: 100% }
targets: { detect: 2m, acknowledge: 5m, contain: 10m, resolve: 30m }
drill:
  scenario: ../scenarios/drills/two-providers.yaml
  hidden: [{ at: 3m, fault: { provider: azure, kind: outage }, for: 10m }]
  expects: [{ alert: ErrorRateHigh, within: 2m }]
---

# TITLE

What users see, in a sentence. What not to do, in another.

## Detect

\`\`\`squall
wait: alert ErrorRateHigh fires
within: 10m
\`\`\`

## Triage

| Evidence | Then it is |
|---|---|
| the provider fails when asked past our gateway | the provider: *Contain* |
| it answers | us: *Investigate* |

\`\`\`squall
decide: provider azure fails
yes: contain
no: investigate
\`\`\`

## Contain

\`\`\`squall
approve: incident-lead
say: Move traffic from azure to openai
\`\`\`

\`\`\`squall
id: fail-over
action: route gpt-4o-mini to openai
undo: route gpt-4o-mini to azure
then: errors < 1% for 1m
within: 5m
\`\`\`

\`\`\`squall
exit: errors < 1%
\`\`\`

## Investigate

\`\`\`squall
manual: Write down what you see, and when it began
on-failure: continue
\`\`\`

## Resolve

\`\`\`squall
wait: provider azure answers
within: 20m
\`\`\`

\`\`\`squall
id: fail-back
action: route gpt-4o-mini to azure
undo: none, because this is how it was
then: errors < 1% for 1m
\`\`\`

\`\`\`squall
exit: errors < 1% and alert ErrorRateHigh is silent
\`\`\`

## Review

\`\`\`squall
measure: [time-to-detect, time-to-contain, time-to-resolve, error-budget, cost]
\`\`\`
`;
