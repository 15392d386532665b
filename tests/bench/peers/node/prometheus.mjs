// Counts lines of JSON with Node's most used library of metrics: a counter and a histogram by type. Says
// how many events a second of processor time each round counted.
//
//   node prometheus.mjs FILE ROUNDS

import { readFileSync } from "node:fs";
import { Counter, Histogram, Registry } from "prom-client";

const [file, rounds] = process.argv.slice(2);
const lines = readFileSync(file, "utf8").split("\n").filter((line) => line !== "");
const perSecond = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const registers = [new Registry()];
  const labelNames = ["type"];
  const events = new Counter({ name: "events", help: "Events.", labelNames, registers });
  const values = new Histogram({ name: "values", help: "Their values.", labelNames, registers });
  const begun = process.cpuUsage();
  for (const line of lines) {
    const { event_type: type, value } = JSON.parse(line);
    events.inc({ type });
    values.observe({ type }, value);
  }
  const took = process.cpuUsage(begun);
  perSecond.push((lines.length * 1e6) / (took.user + took.system));
}
console.log(JSON.stringify({ events: lines.length, per_second: perSecond }));
