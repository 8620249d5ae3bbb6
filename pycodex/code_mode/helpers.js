(() => { "use strict";
  // Settlements in the order in which they come; every input is watched once, from the start.
  function as_settled(inputs) {
    const come = [];
    let awaited = 0;
    let stopped = false;
    let notice = null;

    const take = (outcome) => {
      awaited -= 1;
      if (stopped) return;
      come.push(outcome);
      notice?.();
      notice = null;
    };
    const watch = (index, input) => {
      awaited += 1;
      Promise.resolve(input).then(
        (value) => take({ index, status: "fulfilled", value }),
        (reason) => take({ index, status: "rejected", reason }),
      );
    };

    try {
      if (inputs instanceof Map) for (const [key, input] of inputs) watch(key, input);
      else {
        let index = 0;
        for (const input of inputs) watch(index++, input);
      }
    } catch (error) {
      stopped = true;
      throw error;
    }

    async function* outcomes() {
      try {
        while (awaited || come.length) {
          if (!come.length) {
            await new Promise((resolve) => {
              notice = resolve;
            });
          }
          yield* come.splice(0);
        }
      } finally {
        stopped = true;
      }
    }
    return outcomes();
  }

  async function stream_settled(inputs, take) {
    if (typeof take !== "function") {
      throw new TypeError("stream_settled requires a callback");
    }
    for await (const outcome of as_settled(inputs)) await take(outcome);
  }

  Object.assign(globalThis, { as_settled, stream_settled });
})();
