// The server that is tested against, as far as this run may steer it.

/** Posts JSON; resolves with the answer, rejects with the server's sentence. */
async function post(path, fields) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(fields),
  });
  const values = await answer.json();
  if (!answer.ok) throw new Error(`${path.replace(/run\/[^/]+/, "run")}: ${values.error_description}`);
  return values;
}

/** A run: users of its own, and the way to the server that is theirs alone. */
export class Run {
  constructor(begun) {
    this._secret = begun.run;
    this._next = begun.first_user;
    this._tags = begun.tags;
    this.client = begun.client;
  }

  static async begin() {
    return new Run(await post("run", {}));
  }

  /** A user that nothing else in this run has; its negative is a guest. */
  newUser() {
    return this._next++;
  }

  /** The full name of a watch tag of this run. */
  tag(name) {
    return this._tags + name;
  }

  /** Does one of the actions that the server offers to runs. */
  act(name, fields = {}) {
    return post(`run/${this._secret}/${name}`, fields);
  }

  /** Sends `conformance`/`command` to a user. */
  send(user, command, params) {
    return this.act("send", { user, module: "conformance", command, params });
  }

  /** Ends the run with its result. */
  finish(result) {
    return post("result", Object.assign({ run: this._secret }, result));
  }
}
