// One cell of code of 0.115.0: its program runs in a thread (see `worker.js`), and whatever it wants from outside goes
// as a line of JSON to the process that started this one. What comes back goes the same way.
//
// A program that finds its way out of its realm is in a thread that compiles no text, of a process that has no right to
// read anything but this folder, to write or to start anything.

import fs from "node:fs";
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";

const FIRST_LINE = 49; // of a program, among the lines of codex-cli's module (captured: code_mode/old_stacks)

const read = (name) => fs.readFileSync(new URL(name, import.meta.url), "utf8");
// Half of a pair of surrogates is no JSON to codex-cli, which ends its runner (captured: code_mode/old_half_pairs).
const HALF = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;
const send = (message) => {
  const text = JSON.stringify(message);
  if (HALF.test(text)) process.exit(1);
  process.stdout.write(text + "\n");
};

// The source with the lines at their places; what stands before its first statement is for readers.
function placed(source) {
  const lines = [];
  for (const line of source.slice(source.indexOf("(function")).split("\n")) {
    const place = /^ *\/\/# (\d+)$/.exec(line);
    if (!place) lines.push(line);
    else if (lines.length >= place[1]) throw new Error(`worker.js: line ${place[1]} comes too late`);
    else while (lines.length < place[1] - 1) lines.push("");
  }
  return lines.join("\n");
}

let ended = false;

function end(error, stored = {}) {
  if (ended) return;
  ended = true;
  for (const [key, value] of Object.entries(stored)) send({ type: "store", key, value: JSON.stringify(value) });
  send({ type: "ended", error: error ?? null });
}

const words = (error) => String(error && error.stack ? error.stack : error);

function start({ source, tools, stored }) {
  const prelude = read("prelude.js");
  const gap = "\n".repeat(FIRST_LINE - prelude.split("\n").length);
  const parsed = Object.fromEntries(stored.map(([key, value]) => [key, JSON.parse(value)]));
  const workerData = { source: `${prelude}${gap}${source}\n`, tools, stored: parsed };
  const worker = new Worker(placed(read("worker.js")), { eval: true, workerData });
  worker.on("message", ({ type, item, id, name, input, stored, error_text }) => {
    if (type === "item" && item?.type === "input_text") send({ type: "text", text: item.text });
    else if (type === "item") send({ type: "image", url: item.image_url, detail: null });
    else if (type === "call") {
      try {
        send({ type, id, tool: name, input: JSON.stringify(input) ?? null });
      } catch (error) {
        worker.postMessage({ id, error: words(error) });
      }
    } else if (type === "result") end(error_text, stored);
    else if (type === "yield") {
      send({ type });
      worker.postMessage({ clear: true });
    } else send({ type });
  });
  worker.on("error", (error) => end(words(error)));
  worker.on("exit", (code) => code && end(`exec worker exited with code ${code}`));
  return ({ id, value, error }) => worker.postMessage({ id, result: error ?? JSON.parse(value) });
}

let answer = null;
const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
lines.on("line", (line) => {
  const message = JSON.parse(line);
  if (answer) answer(message);
  else answer = start(message);
});
lines.on("close", () => process.exit(0));
