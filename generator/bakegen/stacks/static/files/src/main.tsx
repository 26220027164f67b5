import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { apiState } from "./api.ts";
import { App } from "./App.tsx";
import { loadConfig } from "./config.ts";
import "./main.css";

const { apiBaseUrl } = await loadConfig();

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App state={apiState(apiBaseUrl)} />
  </StrictMode>,
);
