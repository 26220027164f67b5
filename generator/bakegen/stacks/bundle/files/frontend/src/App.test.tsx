import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { App } from "./App";

const fetch = vi.spyOn(globalThis, "fetch");

afterEach(() => {
  cleanup();
  fetch.mockReset();
});

test("shows the notes that there are", async () => {
  fetch.mockResolvedValueOnce(Response.json([{ id: "1", text: "buy milk" }]));
  render(<App />);
  expect(await screen.findByText("buy milk")).toBeTruthy();
  expect(fetch.mock.calls[0]?.[0]).toBe("/api/notes");
});

test("adds a note", async () => {
  fetch.mockResolvedValueOnce(Response.json([]));
  fetch.mockResolvedValueOnce(Response.json({ id: "2", text: "sow peas" }));
  render(<App />);
  fireEvent.change(screen.getByLabelText("Note"), {
    target: { value: "sow peas" },
  });
  fireEvent.click(screen.getByText("Add"));
  expect(await screen.findByText("sow peas")).toBeTruthy();
  expect(fetch.mock.calls[1]?.[1]?.body).toBe('{"text":"sow peas"}');
});

test("says that the API does not answer", async () => {
  fetch.mockResolvedValueOnce(new Response(null, { status: 503 }));
  render(<App />);
  expect(await screen.findByRole("alert")).toBeTruthy();
});
