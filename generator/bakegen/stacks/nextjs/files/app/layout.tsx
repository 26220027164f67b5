import type { Metadata } from "next";
import type { ReactNode } from "react";
import "./globals.css";
import manifest from "./manifest.json";

export const metadata: Metadata = {
  title: manifest.name,
  description: manifest.description,
  icons: "/icon.svg",
};

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
