import assert from "node:assert/strict";
import { test } from "node:test";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { Card } from "../dist/index.js";

test("a card has its title and what is in it", () => {
  const card = createElement(Card, { title: "State", children: "up" });
  assert.equal(
    renderToStaticMarkup(card),
    "<section><h2>State</h2>up</section>",
  );
});
