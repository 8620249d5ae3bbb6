// The helpers of a program, made inside its realm. `host` has functions of the outer realm: the program never gets hold
// of them, nor of anything that they throw.
(function (host, toolsText, storedText) {
  "use strict";
  const { stringify, parse } = JSON;
  const { defineProperty, create } = Object;
  const { apply } = Reflect;
  const { bind } = Function.prototype;
  const { toWellFormed, toLowerCase, startsWith, slice } = String.prototype;
  const { exec } = RegExp.prototype;
  const { isFinite, isInteger } = Number;
  const { isArray } = Array;
  const OwnPromise = Promise;
  const OwnMap = Map;
  const RangeFault = RangeError;
  const { toPrimitive } = Symbol;
  const has = OwnMap.prototype.has;
  const get = OwnMap.prototype.get;
  const set = OwnMap.prototype.set;
  const remove = OwnMap.prototype.delete;
  const on = (method, object, ...args) => apply(method, object, args);
  const is = (value, ...starts) => starts.some((start) => on(startsWith, on(toLowerCase, value), start));

  // A helper looks like a function of the engine: no name, no source.
  const native = (body) => {
    const made = apply(bind, body, [undefined]);
    defineProperty(made, "name", { value: "", configurable: true });
    defineProperty(made, "length", { value: 0, configurable: true });
    const prototype = {};
    defineProperty(prototype, "constructor", { value: made, writable: true, configurable: true });
    defineProperty(made, "prototype", { value: prototype, writable: true });
    return made;
  };
  // What the outer realm throws (it is out of stack) is thrown anew in this one.
  const outer = (name, ...args) => {
    try {
      return apply(host[name], undefined, args);
    } catch {
      throw new RangeFault("Maximum call stack size exceeded");
    }
  };
  const clean = (text) => on(toWellFormed, text);
  const absent = (value) => value === undefined || value === null;
  const object = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

  const record = (value) => object(value) && !isArray(value);

  // What goes wrong on the way to JSON is thrown as its stack, a text (captured: code_mode/no_json).
  const written = (value) => {
    try {
      return stringify(value);
    } catch (error) {
      throw describe(error);
    }
  };
  // Half of a pair of surrogates is no JSON to codex-cli (fuzzer: text that was taken apart).
  const LONE = /(?<=(?:^|[^\\])(?:\\\\)*)\\ud([89ab])?[0-9a-f]{2,3}/;
  const fault = (text, lone) => {
    const end = lone.index + 6;
    // Where a reader of JSON notices: at what follows a first half, or after what should be the second one.
    const [ends, ahead] =
      lone[1] === undefined ? [false, 0] : text[end] !== "\\" ? [true, 1] : text[end + 1] !== "u" ? [true, 2] : [false, 6];
    const what = ends ? "unexpected end of hex escape" : "lone leading surrogate in hex escape";
    return `${what} at line 1 column ${outer("bytes", on(slice, text, 0, end)) + ahead}`;
  };
  const json = (value) => {
    const text = written(value);
    if (text === undefined) throw "failed to serialize JavaScript value: expected value at line 1 column 1";
    const lone = on(exec, LONE, text);
    if (lone) throw `failed to serialize JavaScript value: ${fault(text, lone)}`;
    return text;
  };
  const words = (value) => {
    switch (typeof value) {
      case "string":
        return clean(value);
      case "undefined":
      case "boolean":
      case "number":
      case "bigint":
        return `${value}`;
      default:
        return clean(value === null ? "null" : (written(value) ?? "undefined"));
    }
  };
  // A text of what was thrown, as the engine makes it of a value: null where it has none, without a look at what is
  // thrown on the way.
  const textOf = (value) => {
    if (typeof value === "symbol") return null;
    if (!object(value)) return `${value}`;
    const exotic = value[toPrimitive];
    if (exotic !== undefined && exotic !== null) {
      if (typeof exotic !== "function") return null;
      const made = apply(exotic, value, ["string"]);
      return object(made) ? null : textOf(made);
    }
    for (const name of ["toString", "valueOf"]) {
      const method = value[name];
      const made = typeof method === "function" ? apply(method, value, []) : value;
      if (!object(made)) return textOf(made);
    }
    return null;
  };
  // An error by its stack, all else as a text; what has no text at all is none. What a program's own code throws in
  // between takes the engine down, but in a timer, where it is passed over (captured: code_mode/thrown,
  // code_mode/thrown_texts, code_mode/thrown_late).
  const stackOf = (error) => {
    const stack = object(error) ? error.stack : null;
    return typeof stack === "string" ? stack : null;
  };
  const describe = (error, late = false) => {
    const told = (how) => {
      try {
        return how(error);
      } catch {
        if (!late) outer("die");
        return null;
      }
    };
    return clean(told(stackOf) ?? told(textOf) ?? "");
  };
  // What a helper takes for a text or a number; `wrong` where it cannot be made one, whatever was thrown.
  const taken = (make, value, wrong) => {
    try {
      return make(value);
    } catch {
      throw wrong;
    }
  };
  const textual = (value) => clean(`${value}`);

  const DETAILS = ["auto", "low", "high", "original"];
  const level = (detail) => {
    const low = on(toLowerCase, detail);
    return DETAILS.includes(low) ? low : null;
  };
  const detailText = (value) => {
    if (!absent(value) && typeof value !== "string") throw "image detail must be a string when provided";
    return value ?? null;
  };
  const detailOf = (value) => {
    if (detailText(value) === null) return null;
    const found = level(value);
    if (found === null) throw "image detail must be one of: auto, low, high, original";
    return found;
  };
  const dataUrl = (block, kind) => {
    if (block.type !== kind) throw `${kind} only accepts MCP ${kind} blocks, got "${block.type}"`;
    const { data } = block;
    if (typeof data !== "string" || data === "") throw `${kind} expected MCP ${kind} data`;
    if (is(data, "data:")) return data;
    const mime = block.mimeType ?? block.mime_type;
    return `data:${typeof mime === "string" && mime ? mime : "application/octet-stream"};base64,${data}`;
  };
  // A url, and how closely it is to be looked at. A block of MCP is read as JSON of it.
  const media = (kind, value, wrong) => {
    let url = value;
    let detail;
    if (record(value)) {
      url = value[`${kind}_url`];
      if (typeof url === "string") {
        detail = value.detail;
        if (kind === "image") detailText(detail);
      } else if (url === undefined) {
        const made = parse(json(value));
        if (record(made) && typeof made.type === "string") {
          url = dataUrl(made, kind);
          const named = made._meta?.["codex/imageDetail"];
          if (typeof named === "string") detail = level(named);
        }
      }
    }
    if (typeof url !== "string" || !url) throw wrong;
    return [clean(url), detail];
  };
  const IMAGE =
    "image expects a non-empty image URL string, an object with image_url and optional detail, or a raw MCP image block";
  const AUDIO =
    "audio expects a non-empty audio URL string, an object with audio_url, or a raw MCP audio block";
  const image = (value, asked) => {
    const [url, own] = media("image", value, IMAGE);
    const detail = detailOf(asked ?? own);
    if (is(url, "http://", "https://")) {
      throw "Tool call failed: remote image URLs are not supported in tool outputs. Pass a base64 data URI instead";
    }
    if (!is(url, "data:")) throw "Tool call failed: invalid image output. Pass a base64 data URI instead";
    outer("image", url, detail);
  };
  const audio = (value) => {
    const [url] = media("audio", value, AUDIO);
    if (!is(url, "data:")) throw "Tool call failed: invalid audio output. Pass a base64 data URI instead";
    outer("audio", url);
  };
  const BLOCK = "content expects one MCP ContentBlock";
  const strings = (value, ...keys) => keys.every((key) => typeof value[key] === "string");
  const maybe = (value, fits, ...keys) => keys.every((key) => absent(value[key]) || fits(value[key]));
  const isText = (value) => typeof value === "string";
  // The fields that a reader of MCP wants to be of their kind; others are let through (captured: code_mode/odd_blocks).
  const isLink = (value) =>
    strings(value, "uri", "name") &&
    maybe(value, isText, "title", "description", "mimeType") &&
    maybe(value, isInteger, "size") &&
    maybe(value, isArray, "icons");
  const isResource = (value) =>
    object(value) &&
    strings(value, "uri") &&
    maybe(value, isText, "mimeType") &&
    (strings(value, "text") || strings(value, "blob"));
  // What it is comes after whether it can be written (captured: code_mode/blocks_of_anything).
  const block = (value) => {
    if (value === undefined) throw BLOCK;
    const whole = json(value);
    const made = parse(whole);
    if (!record(made)) throw BLOCK;
    if (made.type === "text" && strings(made, "text")) outer("text", clean(made.text));
    else if (made.type === "image" && strings(made, "data", "mimeType")) outer("image", dataUrl(made, "image"), null);
    else if (made.type === "audio" && strings(made, "data", "mimeType")) outer("audio", dataUrl(made, "audio"));
    else if (made.type === "resource_link" && isLink(made)) outer("text", whole);
    else if (made.type === "resource" && isResource(made.resource)) outer("text", whole);
    else throw BLOCK;
  };

  const stored = new OwnMap(parse(storedText));
  const timers = new OwnMap();
  const calls = new OwnMap();
  let lastTimer = 0;
  let lastCall = 0;

  const call = (tool) =>
    native((input) => {
      const text = input === undefined ? null : json(input);
      const id = ++lastCall;
      return new OwnPromise((resolve, reject) => {
        on(set, calls, id, [resolve, reject]);
        outer("call", id, tool, text);
      });
    });
  const tools = {};
  const known = [];
  for (const { name, description } of parse(toolsText)) {
    tools[name] = call(name);
    known.push({ name, description });
  }

  const helpers = {
    tools,
    ALL_TOOLS: known,
    clearTimeout: native((id) => {
      if (typeof id === "symbol" || typeof id === "bigint") throw "clearTimeout expects a numeric timeout id";
      const number = taken((value) => +value, id, "clearTimeout expects a numeric timeout id");
      if (!on(remove, timers, number)) return;
      outer("clear", number);
    }),
    setTimeout: native((callback, delay) => {
      if (typeof callback !== "function") throw "setTimeout expects a function callback";
      const wanted = delay === undefined ? 0 : +delay;
      const id = ++lastTimer;
      on(set, timers, id, callback);
      outer("timer", id, isFinite(wanted) && wanted > 0 ? wanted : 0);
      return id;
    }),
    text: native((value) => outer("text", words(value))),
    content: undefined, // its place in this list; what it is stands in content.js
    image: native((value, detail) => image(value, detail)),
    audio: native((value) => audio(value)),
    generatedImage: native((result) => {
      if (!record(result)) throw "generatedImage expects an image generation result object";
      const hint = result.output_hint;
      if (hint !== undefined && hint !== null && typeof hint !== "string") {
        throw "generatedImage output_hint must be a string when provided";
      }
      image(result);
      if (hint) outer("text", clean(hint));
    }),
    store: native((key, value) => {
      const name = taken(textual, key, "store key must be a string");
      if (value === undefined) throw `Unable to store "${name}". Only plain serializable objects can be stored.`;
      const text = json(value);
      on(set, stored, name, text);
      outer("store", name, text);
    }),
    load: native((key) => {
      const name = taken(textual, key, "load key must be a string");
      return on(has, stored, name) ? parse(on(get, stored, name)) : undefined;
    }),
    notify: native((value) => {
      const text = words(value);
      if (text.trim() === "") throw "notify expects non-empty text";
      outer("notify", text);
    }),
    yield_control: native(() => outer("yield")),
    exit: native(() => outer("exit")),
  };

  for (const name of ["console", "Atomics", "SharedArrayBuffer", "WebAssembly"]) delete globalThis[name];
  Object.assign(globalThis, helpers);

  return {
    __proto__: null,
    block: native(block),
    describe,
    fire: (id) => {
      const callback = on(get, timers, id);
      if (!on(remove, timers, id)) return;
      try {
        callback();
      } catch (error) {
        outer("fail", () => describe(error, true));
      }
    },
    settle: (id, value, error) => {
      const [resolve, reject] = on(get, calls, id);
      on(remove, calls, id);
      if (error === undefined) resolve(parse(value));
      else reject(error);
    },
  };
});
