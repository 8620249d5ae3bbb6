// One cell of code: its program runs as a module in a realm of its own, and whatever it wants from outside goes as a
// line of JSON to the process that started this one. What comes back goes the same way.
//
// A program can reach no object of this realm: the helpers it gets are made inside its own (see `realm.js`) and speak
// with this one in strings and numbers. Should it find a way all the same: this realm compiles no text, and the process
// has no right to read, write or start anything.

import fs from "node:fs";
import v8 from "node:v8";
import vm from "node:vm";

const FILE = "exec_main.mjs";
const WHOLE = 2 * 1024 * 1024; // a text that is longer is sent as its ends: nobody gets to see more of it
const END = 1024 * 1024;

const write = fs.writeSync;
const leave = process.reallyExit.bind(process);
const later = setTimeout;
const forget = clearTimeout;
const afterwards = process.nextTick;
const soon = queueMicrotask;
const stringify = JSON.stringify;
const parse = JSON.parse;
const bytes = Buffer.byteLength;

function send(message) {
  const line = Buffer.from(stringify(message) + "\n");
  for (let at = 0; at < line.length; ) at += write(1, line, at);
}

function end(error) {
  send({ type: "ended", error });
  leave(0);
}

// What its promises still do, as long as nothing comes from outside, is done first, and counts (captured:
// code_mode/after_the_end). What comes next once the promises have nothing to do is asked for while they have.
function finish(describe) {
  soon(() => afterwards(() => end(describe())));
}

// Of the methods of `builtins.js`, which count as the engine's own.
const BUILTINS = new Set(["sumPrecise", "getOrInsert", "getOrInsertComputed", "concat"]);

// What the program gets to see of a stack are its own frames alone, as if it had been started by nobody. A program that
// formats stacks itself goes first, as everywhere in V8.
Error.prepareStackTrace = (error, frames) => {
  let head;
  try {
    head = Error.prototype.toString.call(error);
  } catch {
    head = "<error>";
  }
  const own = [];
  for (const frame of frames) {
    const file = frame.getFileName();
    if (file === "node:builtins" && BUILTINS.has(frame.getFunctionName())) {
      own.push(`${frame}`.replace(/\(node:builtins:[^)]*\)$/, "(<anonymous>)"));
    } else if (file === import.meta.url || file?.startsWith("node:")) {
      // What a helper calls of the engine's own is hidden with the helper.
      while (own.length && typeof own.at(-1) !== "string" && own.at(-1).getFileName() == null && !own.at(-1).isEval()) own.pop();
    } else own.push(frame);
  }
  return [head, ...own.map((frame) => `    at ${frame}`)].join("\n");
};

const read = (name) => fs.readFileSync(new URL(name, import.meta.url), "utf8");

// What codex-cli's V8 has and an older one only on demand (captured: code_mode/builtins); a newer one has no such flag.
v8.setFlagsFromString("--js-base-64");

async function run(task) {
  const realm = vm.createContext(vm.constants.DONT_CONTEXTIFY, { codeGeneration: { strings: true, wasm: false } });
  const timers = new Map();
  const host = {
    text: (value) => {
      if (value.length <= WHOLE) send({ type: "text", text: value });
      else send({ type: "text", text: value.slice(0, END), tail: value.slice(-END), bytes: bytes(value) });
    },
    image: (url, detail) => send({ type: "image", url, detail }),
    audio: (url) => send({ type: "audio", url }),
    notify: (value) => send({ type: "notify", text: value }),
    store: (key, value) => send({ type: "store", key, value }),
    yield: () => send({ type: "yield" }),
    call: (id, tool, input) => send({ type: "call", id, tool, input }),
    exit: () => end(null),
    die: () => leave(1),
    fail: finish,
    bytes: (text) => bytes(text),
    timer: (id, delay) => {
      timers.set(id, later(() => (timers.delete(id), parts.fire(id)), delay));
    },
    clear: (id) => {
      forget(timers.get(id));
      timers.delete(id);
    },
  };
  vm.runInContext(read("builtins.js"), realm, { filename: "node:builtins" });
  const make = vm.runInContext(read("realm.js"), realm, { filename: "node:cell" });
  const parts = make(host, stringify(task.tools), stringify(task.stored));
  // Programs see these frames; the line is that of codex-cli's own (captured: code_mode/settled).
  vm.runInContext(read("helpers.js"), realm, { filename: "", lineOffset: 5 });
  vm.runInContext(read("content.js"), realm, { filename: "", lineOffset: 68 })(parts.block);
  lines(parts);
  try {
    const program = new vm.SourceTextModule(task.source, {
      context: realm,
      identifier: FILE,
      importModuleDynamically: () => {
        throw "unsupported import in exec";
      },
    });
    await program.link((specifier) => {
      throw `Unsupported import in exec: ${specifier}`;
    });
    send({ type: "begun" });
    await program.evaluate();
  } catch (error) {
    finish(() => parts.describe(error));
    return;
  }
  finish(() => null);
}

let rest = "";
let answer = null;

function lines(parts) {
  answer = (line) => {
    const { id, value, error } = parse(line);
    parts.settle(id, value, error);
  };
}

process.stdin.setEncoding("utf8");
process.stdin.on("data", (text) => {
  rest += text;
  for (let at; (at = rest.indexOf("\n")) >= 0; ) {
    const line = rest.slice(0, at);
    rest = rest.slice(at + 1);
    if (answer) answer(line);
    else run(parse(line));
  }
});
process.stdin.on("end", () => leave(0));
process.on("unhandledRejection", () => {});
