<% import "languages/node/parts.jinja" as node with context %>
import { Card } from "@<< service.slug >>/ui";
import { connection } from "next/server";
import { apiState } from "../lib/api";
import { publicEnvironment } from "../lib/public-env";
import { Address } from "./address";
import manifest from "./manifest.json";
import styles from "./page.module.css";

const sentences = {
  up: "The API is up.",
  down: "The API does not answer.",
  unset: "No API is connected: << node.api_variable(service) >> is not set.",
};

export default async function Home() {
  // Rendered for each request: the environment is that of where the image runs, not of the build.
  await connection();
  const state = await apiState(process.env.<< node.api_variable(service) >> ?? "");

  return (
    <main className={styles.home}>
      <h1>{manifest.name}</h1>
      <p>{manifest.description}</p>
      <Card title="State">
        <p className={styles.state} data-state={state}>
          {sentences[state]}
        </p>
        <p>
          <Address environment={publicEnvironment()} />
        </p>
      </Card>
      <p className={styles.hint}>
        Edit <code>app/page.tsx</code> to begin. The health of this service is
        at <a href="/api/health">/api/health</a>.
      </p>
    </main>
  );
}
