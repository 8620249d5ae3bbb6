// What runs a program of 0.115.0, in a thread of its own; `worker_cell.mjs` starts it. Programs see frames of it:
// functions with names, and line and column of each step in them, are codex-cli's own (captured: code_mode/old_stacks,
// code_mode/old_helpers). A line `//# N` stands for as many empty ones as bring the next one to line N.
(function codeModeWorkerMain() {
  const { parentPort, workerData } = require('node:worker_threads');
  const { SourceTextModule, SyntheticModule, createContext } = require('node:vm');
  const tell = (type, more) => parentPort.postMessage({ type, ...more });
  //# 8
  function formatErrorText(error) {
    return String(error && error.stack ? error.stack : error);
  }
  function cloneJsonValue(value) {
    //# 13
    return JSON.parse(JSON.stringify(value));
  }
  // A call is answered by its number; one that failed has a text as its result, like any other.
  const open = new Map();
  let calls = 0;
  parentPort.on('message', ({ id, result, error, clear }) => {
    if (clear) return void (said.length = 0);
    const [resolve, reject] = open.get(id);
    open.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  });
  const call = (() => (name, input) => {
      //# 44
      return new Promise((resolve, reject) => {
        const id = (open.set(++calls, [resolve, reject]), calls);
        parentPort.postMessage({
          type: 'call', id, name, input,
        });
      });
  })();
  const said = [];
  const put = said.push.bind(said);
  said.push = (...items) => {
    for (const item of items) tell('item', { item: cloneJsonValue(item) });
    return put(...items);
  };
  const tools = Object.create(null);
  const define = (object, name, descriptor) => Object.defineProperty(object, name, { enumerable: true, ...descriptor });
  const whole = ({ tool, name }) =>
    define(tools, name, {
        //# 81
        value: async (args) => call(tool, args),
    });
  const exported = ({ tool }) => ({
        //# 96
        value: async (args) => call(tool, args),
  }).value;
  const listed = () =>
    Object.freeze(workerData.tools.map(({ name, description }) => Object.freeze({ name, description })));
  // The words of a value; JSON where it is an object.
  const simple = (value) =>
    value == null || ['boolean', 'number', 'bigint'].includes(typeof value);
  function serializeOutputText(value) {
    if (typeof value === 'string') return value;
    if (simple(value)) {
      //# 162
      return String(value);
    }
    //# 165
    const serialized = JSON.stringify(value);
    if (typeof serialized === 'string') return serialized;
    //# 170
    return String(value);
  }
  function normalizeOutputImageUrl(value) {
    if (typeof value !== 'string' || !value)
      //# 175
      throw new TypeError('image expects a non-empty image URL string');
    if (/^(https?:\/\/|data:)/i.test(value)) return value;
    //# 180
    throw new TypeError('image expects an http(s) or data URL');
  }
  const stored = cloneJsonValue(workerData.stored);
  const helpers = {
    load: (key) => {
      if (typeof key !== 'string')
        //# 186
        throw new TypeError('load key must be a string');
      return Object.hasOwn(stored, key) ? cloneJsonValue(stored[key]) : undefined;
    },
    store: (key, value) => {
      if (typeof key !== 'string')
        //# 195
        throw new TypeError('store key must be a string');
      //# 197
      stored[key] =             cloneJsonValue(value);
    },
    text: (value) => {
      const item = { type: 'input_text',
        //# 202
        text: serializeOutputText(value),
      };
      return keep(item);
    },
    image: (value) => {
      const item = { type: 'input_image',
        //# 210
        image_url: normalizeOutputImageUrl(value),
      };
      return keep(item);
    },
    yield_control: {
      yieldControl: () => tell('yield'),
    }.yieldControl,
  };
  const keep = (item) => {
    said.push(item);
    return item;
  };
  const synthetic = (exports) =>
    new SyntheticModule(
      Object.keys(exports),
      function () {
        for (const [name, value] of Object.entries(exports)) this.setExport(name, value);
      },
      { context },
    );
  const named = (entries) => Object.fromEntries(entries.map((entry) => [entry.name, exported(entry)]));
  const within = (space) =>
    workerData.tools.filter((entry) => entry.space === space).map((entry) => ({ ...entry, name: entry.own }));
  const own = () => ({ ...helpers, output_text: helpers.text, output_image: helpers.image });
  const made = new Map();
  const once = (key, exports) => {
    if (!made.has(key)) made.set(key, synthetic(exports()));
    return made.get(key);
  };
  const context = createContext({ __codexContentItems: said });
  function resolveModule(specifier) {
    if (specifier === 'tools.js') return once(specifier, () => ({ ALL_TOOLS: listed(), ...named(workerData.tools) }));
    if (/^@?openai\/code_mode$/.test(specifier)) return once('', own);
    const space = /^tools\/(.+)\.js$/.exec(specifier);
    if (!space)
        //# 324
        throw new Error('Unsupported import in exec: ' + specifier);
    const path = space[1].split('/').filter(Boolean).join('/');
    if (!path)
        //# 331
        throw new Error('Unsupported import in exec: ' + specifier);
    return once('/' + path, () => named(within(path)));
  }
  async function resolveDynamicModule(specifier) {
    //# 346
    const module = resolveModule(specifier);
    if (module.status === 'unlinked')
      //# 349
      await module.link(resolveModule);
    if (module.status === 'linked' || module.status === 'evaluating')
      //# 353
      await module.evaluate();
    return module;
  }
  async function runModule() {
    //# 370
    const mainModule = new SourceTextModule(workerData.source, {
      context,
      identifier: 'exec_main.mjs',
      importModuleDynamically: async (specifier) =>
        resolveDynamicModule(specifier),
    });
    //# 377
    await mainModule.link(resolveModule);
    await mainModule.evaluate();
  }
  async function main() {
    workerData.tools.forEach(whole);
    Object.freeze(tools);
    const { load, image, store, text, yield_control } = helpers;
    define(context, '__codexRuntime', {
      value: Object.freeze({ ALL_TOOLS: listed(), image, load, store, text, tools, yield_control }),
      enumerable: false, configurable: true,
    });
    tell('begun');
    try {
      //# 401
      await runModule();
      tell('result', { stored });
    } catch (error) {
      tell('result', { stored,
        //# 410
        error_text: formatErrorText(error),
      });
    }
  }
  //# 415
  void main().catch((error) =>
    tell('result', { stored: {}, error_text: formatErrorText(error) }));
//# 422
})();
