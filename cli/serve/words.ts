/** What the terminal says of a server. */
import { type Seat, seatNames } from "../../web/console/game-day.ts";

export function addressLines(addresses: Readonly<Record<Seat, string>>): string {
  const seats: readonly Seat[] = ["incident-lead", "responder", "observer"];
  const lines = seats.map((seat) => `  ${seatNames[seat].padEnd(14)} ${addresses[seat]}`);
  return ["Open in a browser; each address is a seat:", ...lines, "", "Ctrl-C ends it."].join("\n");
}
