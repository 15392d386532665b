// Holds sockets and sends every line of its input to all of them, with Node's most used library for
// that. Says its address, and after each line to how many it was sent.

import { createInterface } from "node:readline";
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, backlog: 1024 });
server.on("listening", () => console.log(`http://127.0.0.1:${server.address().port}/live`));
createInterface({ input: process.stdin }).on("line", (line) => {
  let sent = 0;
  for (const client of server.clients) {
    client.send(line);
    sent += 1;
  }
  console.log(String(sent));
});
