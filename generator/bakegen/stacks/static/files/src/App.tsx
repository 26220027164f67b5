import { Suspense, use } from "react";
import type { ApiState } from "./api.ts";
import site from "./site.json";

const sentences = {
  up: "The API is up.",
  down: "The API does not answer, or not to pages from here.",
  unset: "No API is connected: /config.json names none.",
};

export function App({ state }: { state: Promise<ApiState> }) {
  return (
    <main>
      <title>{site.name}</title>
      <meta name="description" content={site.description} />
      <h1>{site.name}</h1>
      <p>{site.description}</p>
      <Suspense fallback={<p className="state">Asking the API…</p>}>
        <State state={state} />
      </Suspense>
      <p className="hint">
        Edit <code>src/App.tsx</code> to begin.
      </p>
    </main>
  );
}

function State({ state }: { state: Promise<ApiState> }) {
  const now = use(state);
  return (
    <p className="state" data-state={now}>
      {sentences[now]}
    </p>
  );
}
